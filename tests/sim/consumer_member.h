#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/uuid.h"
#include "clients.h"
#include "group_member.h"

namespace ticklake::sim {

inline constexpr const char* kConsumersGroup = "consumers";

/// What it takes for a member to lose its place: the group's session timeout, and how long it may
/// take to give partitions up.
inline constexpr Milliseconds kConsumerSessionTimeout{1500};
inline constexpr Milliseconds kConsumerRebalanceTimeout{1000};

class ConsumerMember;
using OwnedPartition = std::pair<base::Uuid, int32_t>;

/// What the members of a group of KIP-848 were told, all of them together.
struct ConsumersKnowledge {
  CommittedOffsets offsets;
  std::map<OwnedPartition, const ConsumerMember*> owners;
};

/// A consumer in a group of KIP-848: it says what it owns, is told what to own, gives up what it is
/// to give up, commits offsets, leaves, falls silent, or comes back as another.
class ConsumerMember {
 public:
  enum class Subscription : uint8_t { kNames, kRegex };
  ConsumerMember(Surroundings& world, ConsumersKnowledge& group, std::string name,
                 Subscription subscription, Membership membership)
      : world_(world),
        group_(group),
        session_(world),
        name_(std::move(name)),
        subscription_(subscription) {
    if (membership == Membership::kStatic) instance_id_ = name_;
  }
  void run();
  bool is_idle() const { return is_idle_; }

 private:
  void come_anew();
  void beat();
  void take(const kafka::ConsumerGroupHeartbeatResponse& told, base::MonotonicTime asked_at);
  /// Whether it owns something else now.
  bool own(const std::vector<kafka::TopicIdPartitions>& assigned);
  void go_on();
  void commit();
  void leave();
  void finish_if_all_is_shared();
  void judge(kafka::ErrorCode error);
  void forget_what_it_owns();
  /// Whether the broker may have put it out: for it was silent, or did not give up partitions (the
  /// answer that says so may have been lost).
  bool may_be_out() const;

  Surroundings& world_;
  ConsumersKnowledge& group_;
  Session session_;
  std::string name_;
  Subscription subscription_;
  std::optional<std::string> instance_id_;
  std::string id_;
  int32_t epoch_ = 0;
  std::set<OwnedPartition> owned_;
  base::Uuid log_topic_id_;
  base::MonotonicTime heard_at_{};    ///< no later than when the broker last heard of it
  base::MonotonicTime certain_at_{};  ///< likewise, when it had missed no answer before
  bool says_everything_ = true;       ///< it may have missed an answer
  bool is_idle_ = false;
};

}  // namespace ticklake::sim
