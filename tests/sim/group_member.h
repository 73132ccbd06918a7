#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "clients.h"

namespace ticklake::sim {

inline constexpr const char* kMembersGroup = "members";

/// What a group's members committed of kLogTopic, all of them together.
struct CommittedOffsets {
  int64_t last = 0;  ///< that was committed, or tried: they rise
  std::array<int64_t, kPartitions> acknowledged{-1, -1};

  int64_t next() { return ++last; }
  void acknowledge(int32_t partition, int64_t offset) {
    int64_t& known = acknowledged.at(static_cast<size_t>(partition));
    known = std::max(known, offset);
  }
  /// Whether it may be the offset that the broker has, for who asks when `acknowledged` was known.
  bool is_possible(int64_t offset, int64_t acknowledged_before) const {
    return offset >= acknowledged_before && offset <= last;
  }
};

/// What the members of a group were told, all of them together.
struct GroupKnowledge {
  int32_t newest_generation = -1;  ///< that some member got its partitions in
  CommittedOffsets offsets;
};

/// Whether it has an instance id: then it comes back to what it had (KIP-345).
enum class Membership : uint8_t { kDynamic, kStatic };

/// A consumer in a group, of the classic protocol: joins, is given partitions, commits offsets,
/// leaves or falls silent, and joins again.
class GroupMember {
 public:
  GroupMember(Surroundings& world, GroupKnowledge& group, std::string name, Membership membership)
      : world_(world), group_(group), session_(world), name_(std::move(name)) {
    if (membership == Membership::kStatic) instance_id_ = name_;
  }
  void run() { join(); }
  bool is_idle() const { return is_idle_; }

 private:
  void join();
  void sync(const kafka::JoinGroupResponse& joined);
  void look_at_offsets();
  void go_on();
  void commit();
  void beat();
  void leave();
  /// After an error: joins again, as the same member if that is still one.
  void judge(kafka::ErrorCode error, const std::function<void()>& again);

  Surroundings& world_;
  GroupKnowledge& group_;
  Session session_;
  std::string name_;
  std::optional<std::string> instance_id_;
  std::string member_id_;
  bool is_id_kept_ = false;  ///< it was told its partitions under that id
  int32_t generation_ = -1;
  std::vector<int32_t> partitions_;
  bool is_idle_ = false;
};

}  // namespace ticklake::sim
