#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "broker/group/group.h"
#include "broker/group/offsets_log.h"
#include "kafka/messages/delete_groups.h"
#include "kafka/messages/describe_groups.h"
#include "kafka/messages/heartbeat.h"
#include "kafka/messages/leave_group.h"
#include "kafka/messages/list_groups.h"
#include "kafka/messages/offset_commit.h"
#include "kafka/messages/offset_delete.h"
#include "kafka/messages/offset_fetch.h"

namespace ticklake::broker {

struct GroupSettings {
  std::chrono::milliseconds session_timeout_min{std::chrono::seconds{6}};
  std::chrono::milliseconds session_timeout_max{std::chrono::minutes{30}};
  /// How long an empty group waits for more members after the first; Kafka's default is 3 s, which
  /// saves a rebalance or two where many start at once.
  std::chrono::milliseconds initial_rebalance_delay{0};
  size_t members_max = 1000;  ///< in one group, ids that were only handed out included
  size_t offset_metadata_bytes_max = 4096;
  /// Offsets go this long after their group emptied; those of a group that never had members, this
  /// long after they were committed.
  std::chrono::hours offsets_retention{7 * 24};
  std::chrono::minutes offsets_retention_check{10};
};

/// Who sends a request, as the group's descriptions show it.
struct GroupClient {
  std::string id;    ///< the request's client id
  std::string host;  ///< "/127.0.0.1"
};

/// The classic consumer group protocol (KIP-35 to KIP-848's predecessor; static members: KIP-345,
/// member ids: KIP-394, skipped assignments: KIP-814) and the offsets of groups, for a broker that
/// coordinates every group. Belongs to one thread. No reply may call back into the coordinator.
///
/// Time: whoever owns it calls run_due() at or soon after next_deadline(), which may change with
/// every other call.
class GroupCoordinator {
 public:
  using CommitReply = std::function<void(kafka::OffsetCommitResponse)>;

  /// `clock` and `log` must outlive it. `random` makes member ids.
  GroupCoordinator(GroupSettings settings, const base::Clock& clock, base::Random random,
                   OffsetsLog& log, std::shared_ptr<base::Logger> logger);
  ~GroupCoordinator();
  GroupCoordinator(const GroupCoordinator&) = delete;
  GroupCoordinator& operator=(const GroupCoordinator&) = delete;

  /// Restores groups, members and offsets from the log; members then have one session timeout to
  /// be heard of. Once, before anything else. A record that this release cannot read is logged and
  /// passed over.
  base::Result<void> recover();

  /// Answered when the group's next generation begins, or at once with an error.
  void join(kafka::JoinGroupRequest request, int16_t version, const GroupClient& client,
            JoinReply reply);
  /// Answered when the leader's assignment is durable.
  void sync(kafka::SyncGroupRequest request, SyncReply reply);
  kafka::HeartbeatResponse heartbeat(const kafka::HeartbeatRequest& request);
  /// Up to version 2 the member stands in the request itself.
  kafka::LeaveGroupResponse leave(const kafka::LeaveGroupRequest& request, int16_t version);
  /// Answered when the offsets are durable; whether the topics exist is not its concern.
  void commit(const kafka::OffsetCommitRequest& request, CommitReply reply);
  /// The same for TxnOffsetCommit: the offsets count when the transaction is committed, and until
  /// then are unstable. That it is open is not its concern. kInvalidProducerEpoch if fenced.
  void commit_in_transaction(ProducerIdAndEpoch producer, const kafka::OffsetCommitRequest& request,
                             CommitReply reply);
  /// The marker of that producer's transaction is durable in the log.
  void end_transaction(int64_t producer_id, bool is_commit);
  kafka::OffsetFetchResponse fetch(const kafka::OffsetFetchRequest& request, int16_t version) const;

  /// A group that nobody knows is "Dead", without an error. What members sent and were assigned is
  /// told of a stable group only.
  kafka::DescribeGroupsResponse describe(const kafka::DescribeGroupsRequest& request) const;
  /// States and types are compared without regard to case (KIP-518, KIP-848).
  kafka::ListGroupsResponse list(const kafka::ListGroupsRequest& request) const;
  using RemoveReply = std::function<void(kafka::DeleteGroupsResponse)>;
  /// Answered when the groups and their offsets are gone from the disk (KIP-229). kNonEmptyGroup
  /// for one with members.
  void remove(const kafka::DeleteGroupsRequest& request, RemoveReply reply);
  using OffsetDeleteReply = std::function<void(kafka::OffsetDeleteResponse)>;
  /// Answered when the offsets are gone from the disk (KIP-496). kGroupSubscribedToTopic where
  /// members still read the topic; whether the topics exist is not its concern.
  void delete_offsets(const kafka::OffsetDeleteRequest& request, OffsetDeleteReply reply);

  /// The topic was deleted: its offsets go, in every group.
  void forget_topic(std::string_view topic);

  /// When run_due() has something to do; none if nothing waits.
  std::optional<base::MonotonicTime> next_deadline() const;
  void run_due();

  /// Null if there is none; valid until the next call.
  const Group* find(std::string_view group_id) const;
  const GroupSettings& settings() const { return settings_; }
  size_t group_count() const { return groups_.size(); }

 private:
  enum class Rejoin : uint8_t { kAlways, kIfChanged };

  // group_coordinator.cc
  Group* find_group(std::string_view group_id);
  Group& group_made_if_missing(const std::string& group_id);
  /// Whether the sender is who it says: kUnknownMemberId or kFencedInstanceId if not.
  static kafka::ErrorCode check_member(const Group& group, std::string_view member_id,
                                       const std::optional<std::string>& instance_id);
  static kafka::ErrorCode check_member_generation(const Group& group, std::string_view member_id,
                                                  const std::optional<std::string>& instance_id,
                                                  int32_t generation);
  kafka::ErrorCode leave_one(Group& group, const kafka::LeaveGroupRequest::Member& leaver);
  void heard_of(Group& group, GroupMember& member);
  void enter(Group& group, GroupState state);
  void schedule(Group& group);
  void run_due_group(Group& group, base::MonotonicTime now);
  void store(Group& group, std::function<void(bool)> done);

  // group_join.cc
  kafka::ErrorCode check_join(const kafka::JoinGroupRequest& request) const;
  void join_unknown(Group& group, kafka::JoinGroupRequest& request, int16_t version,
                    const GroupClient& client, JoinReply reply);
  void join_known(Group& group, kafka::JoinGroupRequest& request, const GroupClient& client,
                  JoinReply reply);
  void join_static_again(Group& group, kafka::JoinGroupRequest& request, int16_t version,
                         const std::string& new_id, JoinReply reply);
  void add_and_rebalance(Group& group, kafka::JoinGroupRequest& request, std::string member_id,
                         const GroupClient& client, JoinReply reply);
  void update_and_rebalance(Group& group, GroupMember& member, kafka::JoinGroupRequest& request,
                            JoinReply reply);
  void rebalance_or_go_on(Group& group);
  void prepare_rebalance(Group& group);
  void end_join_phase(Group& group);
  void begin_generation(Group& group);
  void end_initial_delay(Group& group, base::MonotonicTime now);
  void remove_member(Group& group, const std::string& member_id, kafka::ErrorCode error);
  std::string new_member_id(const std::string& prefix);

  // group_sync.cc
  kafka::ErrorCode check_sync(const Group& group, const kafka::SyncGroupRequest& request) const;
  void store_assignment(Group& group, std::vector<kafka::SyncGroupRequest::Assignment> assignments);
  void assignment_stored(const std::string& group_id, int32_t generation,
                         std::map<std::string, base::Bytes, std::less<>> assignments, bool is_ok);
  void answer_syncs(Group& group, kafka::ErrorCode error);
  void end_sync_phase(Group& group);

  // group_offsets.cc
  static kafka::ErrorCode check_commit(const Group& group,
                                       const kafka::OffsetCommitRequest& request,
                                       bool is_in_transaction);
  void store_offsets(Group& group, const kafka::OffsetCommitRequest& request,
                     ProducerIdAndEpoch producer, CommitReply reply);
  void offsets_stored(const std::string& group_id, int64_t producer_id,
                      std::vector<std::pair<Group::OffsetsKey, OffsetValue>> offsets, bool is_ok);
  void expire_offsets();
  std::vector<Group::OffsetsKey> expired_offsets(const Group& group) const;
  void remove_offsets(Group& group, const std::vector<Group::OffsetsKey>& keys);

  // group_admin.cc
  void group_removed(const std::string& group_id);

  // group_recovery.cc
  base::Result<void> replay(base::ByteView key, std::optional<base::ByteView> value,
                            int64_t producer_id);
  void restore_group(const std::string& group_id, GroupValue value);

  GroupSettings settings_;
  const base::Clock& clock_;
  base::Random random_;
  OffsetsLog& log_;
  std::shared_ptr<base::Logger> logger_;
  std::map<std::string, std::unique_ptr<Group>, std::less<>> groups_;
  std::map<int64_t, std::set<std::string>> groups_of_producers_;  ///< with pending offsets
  uint64_t commits_ = 0;
  /// The earliest deadline of each group that has one, and the reverse.
  std::set<std::pair<base::MonotonicTime, std::string>> deadlines_;
  std::map<std::string, base::MonotonicTime, std::less<>> deadline_of_;
  base::MonotonicTime retention_check_at_{};
};

}  // namespace ticklake::broker
