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
#include "broker/group/consumer_group.h"
#include "broker/group/group_records.h"
#include "kafka/messages/join_group.h"
#include "kafka/messages/sync_group.h"

namespace ticklake::broker {

/// Takes the answer to a request that may have to wait; called exactly once.
using JoinReply = std::function<void(kafka::JoinGroupResponse)>;
using SyncReply = std::function<void(kafka::SyncGroupResponse)>;

/// One consumer (or other client) in a group.
struct GroupMember {
  using Protocols = std::vector<kafka::JoinGroupRequest::Protocol>;

  std::string id;
  std::optional<std::string> instance_id;  ///< of a static member (KIP-345)
  std::string client_id;
  std::string client_host;
  std::chrono::milliseconds session_timeout{};
  std::chrono::milliseconds rebalance_timeout{};
  Protocols protocols;  ///< the member's favourite first
  base::Bytes assignment;

  /// Joined for the first time and not yet answered.
  bool is_new = false;
  /// Has the assignment of this generation, or waits for it.
  bool has_synced = false;
  base::MonotonicTime session_deadline{};
  JoinReply awaiting_join;  ///< empty if it does not wait
  SyncReply awaiting_sync;

  /// What it sent for `protocol`; null if it does not support it.
  const base::Bytes* metadata(std::string_view protocol) const;
  /// Whether it offers exactly these protocols with these bytes.
  bool offers(const Protocols& others) const;
  /// Whether `others` name the same topics for `protocol` as it did; true as well where either
  /// cannot be read.
  bool subscribes_as_before(const Protocols& others, std::string_view protocol) const;
  /// What it sent of itself and was assigned.
  size_t metadata_bytes() const;
  /// When its session ends unless it is heard of; none while it waits for us.
  std::optional<base::MonotonicTime> expires_at() const;
};

enum class GroupState : uint8_t {
  kEmpty,                ///< no members; may hold offsets
  kPreparingRebalance,   ///< waits for its members to join
  kCompletingRebalance,  ///< waits for the leader's assignment
  kStable,
};

/// Kafka's name, for example "PreparingRebalance".
std::string_view name_of(GroupState state);

/// One consumer group: its members, its generation and its offsets; those of KIP-848 are in
/// `consumers`. Rules that need no time and no
/// log; GroupCoordinator drives it.
class Group {
 public:
  using Members = std::map<std::string, GroupMember, std::less<>>;
  using OffsetsKey = std::pair<std::string, int32_t>;  ///< topic, partition
  using Offsets = std::map<OffsetsKey, OffsetValue>;

  explicit Group(std::string group_id) : id(std::move(group_id)) {}

  GroupMember* find(std::string_view member_id);
  const GroupMember* find(std::string_view member_id) const;
  /// The id of the member of that static instance; null if there is none.
  const std::string* find_static(std::string_view instance_id) const;
  /// The first member fixes the protocol type and leads.
  GroupMember& add(GroupMember member, std::string protocol_type);
  /// Answers whatever it waited for with `error` and forgets it; the lead goes to another member.
  void remove(const std::string& member_id, kafka::ErrorCode error);
  /// The static member comes back under a new id: the old id is fenced, its place and lead pass on.
  GroupMember& replace_static(const std::string& old_id, const std::string& new_id);

  bool is_leader(const GroupMember& member) const { return leader_id == member.id; }
  bool all_joined() const;
  bool all_synced() const;
  /// The longest that any member allows for a rebalance.
  std::chrono::milliseconds rebalance_timeout() const;
  /// Makes sure that the leader is one who has joined; false if nobody has.
  bool elect_joined_leader();
  /// Whether a member with these protocols has one in common with all others.
  bool supports(std::string_view type, const GroupMember::Protocols& protocols) const;
  /// The protocol all support and most prefer; ties go by the leader's preference.
  std::string select_protocol() const;
  /// Of either protocol.
  bool has_members() const {
    return !members.empty() || (consumers && !consumers->members().empty());
  }
  /// Whether a member may be reading `topic`: true as well where what the members subscribe to is
  /// not known, because they do not say it as consumers do.
  bool is_subscribed_to(std::string_view topic) const;

  /// Whether an open transaction may change that offset.
  bool is_unstable(const OffsetsKey& key) const;
  bool is_storing(const OffsetsKey& key) const;
  /// What is or may come to be committed, of that topic or of all; a key may be there twice.
  std::vector<OffsetsKey> offset_keys(std::optional<std::string_view> topic) const;
  /// The offset is gone, and what may come to be committed of before does not bring it back.
  void forget_offset(const OffsetsKey& key);
  void forget_pending(const OffsetsKey& key);

  /// What the leader is told about the members.
  std::vector<kafka::JoinGroupResponse::Member> member_list() const;
  /// What members sent of themselves and were assigned, in bytes.
  size_t metadata_bytes() const;
  GroupValue to_record() const;

  std::string id;
  GroupState state = GroupState::kEmpty;
  base::WallTime state_since{};
  std::string protocol_type;  ///< empty: only offsets were ever stored
  std::optional<std::string> protocol;
  std::string leader_id;
  int32_t generation = 0;
  Members members;
  /// Ids handed out with MEMBER_ID_REQUIRED, and until when they are kept.
  std::map<std::string, base::MonotonicTime, std::less<>> pending_members;
  /// Of a group of KIP-848, which then is one without classic members; null for a classic group.
  std::unique_ptr<ConsumerGroup> consumers;
  Offsets offsets;
  /// Commits on their way to the log, each with its place. One that is no longer here when it is
  /// there does not count.
  std::set<std::pair<OffsetsKey, uint64_t>> storing_offsets;
  /// What open transactions would commit, by producer id.
  std::map<int64_t, Offsets> pending_offsets;

  /// When the phase of the rebalance that it is in ends; none outside rebalances.
  std::optional<base::MonotonicTime> rebalance_deadline;
  /// The rebalance of a group that was empty, which waits for more members rather than for all.
  bool is_initial_rebalance = false;
  bool joined_during_initial_rebalance = false;
  std::chrono::milliseconds initial_rebalance_left{};
  /// The leader's assignment is on its way to the log.
  bool is_storing_assignment = false;

 private:
  std::map<std::string, std::string, std::less<>> static_members_;  ///< instance id -> member id
};

}  // namespace ticklake::broker
