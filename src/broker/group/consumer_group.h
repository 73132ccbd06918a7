#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "broker/group/assignor.h"
#include "broker/group/partition_set.h"
#include "broker/group/topic_pattern.h"
#include "broker/group/topic_view.h"

namespace ticklake::broker {

/// Epochs that a member says instead of its own.
inline constexpr int32_t kJoinEpoch = 0;
inline constexpr int32_t kLeaveEpoch = -1;
inline constexpr int32_t kStaticLeaveEpoch = -2;

/// How far a member is with what it is to read; the numbers stand in the records.
enum class ConsumerState : int8_t {
  kStable = 1,
  kUnrevoked = 2,   ///< has to give partitions up first
  kUnreleased = 3,  ///< waits for partitions that others have not given up yet
};

/// One member of a group of KIP-848.
struct ConsumerMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  std::chrono::milliseconds rebalance_timeout{-1};
  std::vector<std::string> topic_names;    ///< sorted
  std::optional<std::string> topic_regex;  ///< none, or not empty
  std::optional<std::string> assignor;     ///< that it prefers

  int32_t epoch = 0;
  int32_t previous_epoch = -1;
  ConsumerState state = ConsumerState::kStable;
  PartitionSet assigned;  ///< that it may read
  PartitionSet revoking;  ///< that it has to give up, and has not yet

  base::MonotonicTime session_deadline{};
  /// Until when it must have given up `revoking`; none in the other states.
  std::optional<base::MonotonicTime> revocation_deadline;

  /// Whether what it says of itself is the same.
  bool says_the_same(const ConsumerMember& other) const;
  bool subscribes_to_the_same(const ConsumerMember& other) const {
    return topic_names == other.topic_names && topic_regex == other.topic_regex;
  }
  bool stands_where(const ConsumerMember& other) const {
    return epoch == other.epoch && previous_epoch == other.previous_epoch && state == other.state &&
           assigned == other.assigned && revoking == other.revoking;
  }
  size_t subscription_bytes() const;
};

/// A write to the log that is under way, and who waits for it beside the one that caused it.
struct ConsumerGroupWrite {
  std::vector<std::function<void(bool is_ok)>> waiting;
};

/// A group of the protocol of KIP-848: the members, what each is to read (the target), and how far
/// it is with that. The group's epoch rises with each change of members, subscriptions or topics; a
/// target is made for an epoch; each member moves to that target and its epoch by itself. A
/// partition is given to a member only after the one that had it has given it up. Rules that need
/// no time and no log; GroupCoordinator drives it.
class ConsumerGroup {
 public:
  using Members = std::map<std::string, ConsumerMember, std::less<>>;

  const Members& members() const { return members_; }
  ConsumerMember* find(std::string_view member_id);
  const ConsumerMember* find(std::string_view member_id) const;
  /// The id of the member of that static instance; null if there is none.
  const std::string* find_static(std::string_view instance_id) const;

  /// Adds the member, or replaces the one of that id; what it holds counts as taken.
  ConsumerMember& put(ConsumerMember member);
  void remove(const std::string& member_id);
  /// The member of a static instance comes back under another id and has what the old one had.
  ConsumerMember& replace_static(const std::string& old_id, const std::string& new_id);

  /// Takes the next steps that the member can take towards its target; `owned` is what it says that
  /// it owns, if it says so. Whether anything is different now.
  bool reconcile(const std::string& member_id, const std::optional<PartitionSet>& owned);

  /// Looks up what the members subscribe to. Whether that is not what it was before.
  bool resolve(const TopicView& topics);
  /// The target for the present epoch, by one of these assignors, the default first; the ids of
  /// members whose share is another one.
  std::vector<std::string> make_target(const std::vector<std::string>& assignors);
  const PartitionSet& target_of(std::string_view member_id) const;
  void set_target(const std::string& member_id, PartitionSet target);
  void forget_target(const std::string& member_id);

  /// The one of these that most members prefer; the first if nobody prefers one of them.
  std::string_view assignor(const std::vector<std::string>& among) const;
  /// Kafka's name of the state, for example "Reconciling".
  std::string_view state() const;
  bool is_subscribed_to(const std::string& topic) const;
  size_t subscription_bytes() const;
  /// Null if nobody has it.
  const std::string* owner_of(const base::Uuid& topic, int32_t partition) const;

  int32_t epoch = 0;
  int32_t target_epoch = 0;  ///< that the target was made for
  uint64_t topics_hash = 0;  ///< of the topics subscribed to: their names, ids and partitions
  uint64_t seen_topics = 0;  ///< GroupCoordinator's count of changes of topics, when last resolved
  /// What is on disk is not what is here, nor will be: the next write writes all of the group.
  bool is_disk_behind = false;
  uint64_t losses = 0;  ///< writes that were lost
  /// Keys of what went in lost writes, and must go with the next one.
  std::set<base::Bytes> lost_tombstones;
  std::shared_ptr<ConsumerGroupWrite> write;  ///< the last of those under way; null if none is

 private:
  using Owners = std::map<std::pair<base::Uuid, int32_t>, std::string>;

  void take(const ConsumerMember& member);
  void release(const ConsumerMember& member);
  bool is_free(const base::Uuid& topic, int32_t partition) const {
    return !owners_.contains({topic, partition});
  }

  Members members_;
  std::map<std::string, std::string, std::less<>> static_members_;  ///< instance id -> member id
  Assignment target_;
  Owners owners_;
  std::map<std::string, TopicInfo, std::less<>> topics_;  ///< subscribed to, and there
  std::map<std::string, std::set<std::string>> topics_of_regex_;
};

}  // namespace ticklake::broker
