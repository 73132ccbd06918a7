#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/group/group_coordinator.h"
#include "broker/memory_coordinator_log.h"

namespace ticklake::broker {

using Joined = std::shared_ptr<std::optional<kafka::JoinGroupResponse>>;
using Synced = std::shared_ptr<std::optional<kafka::SyncGroupResponse>>;

/// Topics as a test wants them.
class FakeTopics final : public TopicView {
 public:
  std::optional<TopicInfo> find(std::string_view name) const override {
    const auto found = topics.find(name);
    if (found == topics.end()) return std::nullopt;
    return found->second;
  }
  std::optional<std::string> name_of(const base::Uuid& id) const override {
    for (const auto& [name, info] : topics) {
      if (info.id == id) return name;
    }
    return std::nullopt;
  }
  void visit(const std::function<void(const std::string& name)>& visitor) const override {
    for (const auto& [name, info] : topics)
      visitor(name);
  }

  std::map<std::string, TopicInfo, std::less<>> topics;
};

/// A coordinator with what it needs, and short ways to say what consumers say.
class GroupTestBed {
 public:
  explicit GroupTestBed(GroupSettings settings = {}) : settings_(std::move(settings)) { restart(); }

  /// A new coordinator on what the log kept.
  void restart();
  void advance(std::chrono::milliseconds duration);

  kafka::JoinGroupRequest join_request(std::string member_id) const;
  /// The answer stands in the result as soon as it was given.
  Joined join(kafka::JoinGroupRequest request, int16_t version = 9);
  Joined join(std::string member_id) { return join(join_request(std::move(member_id))); }
  /// A member id, as a client gets it with MEMBER_ID_REQUIRED.
  std::string new_member_id();
  Synced sync(const std::string& member_id, int32_t generation,
              const std::vector<std::pair<std::string, std::string>>& assignments = {},
              std::optional<std::string> instance_id = std::nullopt);
  kafka::ErrorCode heartbeat(const std::string& member_id, int32_t generation,
                             std::optional<std::string> instance_id = std::nullopt);
  kafka::ErrorCode leave(const std::string& member_id);
  /// Flushes the log, so that the answer is there.
  kafka::ErrorCode commit(const std::string& member_id, int32_t generation, int64_t offset,
                          const std::string& metadata = "");
  /// The committed offset of ("ticks", 0), -1 if there is none.
  int64_t committed();

  /// One member, stable in generation 1; its id.
  std::string stable_single();
  /// Two members, stable in generation 2; the leader's id first.
  std::pair<std::string, std::string> stable_pair();

  base::ManualClock clock;
  MemoryCoordinatorLog log;
  FakeTopics topics;
  std::unique_ptr<GroupCoordinator> coordinator;

 private:
  GroupSettings settings_;
};

}  // namespace ticklake::broker
