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
#include "broker/group/assignor.h"
#include "broker/group/group.h"
#include "broker/group/offsets_log.h"
#include "broker/group/topic_view.h"
#include "kafka/messages/consumer_group_describe.h"
#include "kafka/messages/consumer_group_heartbeat.h"
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
  size_t members_max = 1000;           ///< in one group, ids that were only handed out included
  size_t consumer_members_max = 1000;  ///< likewise, of KIP-848
  /// Of all members of one group: what they send of themselves, and are assigned, each. A group is
  /// one record, and one batch, in the log.
  size_t metadata_bytes_max = size_t{4} << 20;
  size_t offset_metadata_bytes_max = 4096;
  /// Offsets go this long after their group emptied; those of a group that never had members, this
  /// long after they were committed.
  std::chrono::minutes offsets_retention{7 * 24 * 60};
  std::chrono::milliseconds offsets_retention_check{std::chrono::minutes{10}};
  /// Of groups of KIP-848, where not the client but the broker says these.
  std::chrono::milliseconds consumer_session_timeout{std::chrono::seconds{45}};
  std::chrono::milliseconds consumer_heartbeat_interval{std::chrono::seconds{5}};
  /// That members may ask for, the default first: some of assignor_names().
  std::vector<std::string> assignors = assignor_names();
};

/// Who sends a request, as the group's descriptions show it.
struct GroupClient {
  std::string id;    ///< the request's client id
  std::string host;  ///< "/127.0.0.1"
};

/// The classic consumer group protocol (KIP-35 to KIP-848's predecessor; static members: KIP-345,
/// member ids: KIP-394, skipped assignments: KIP-814), the one of KIP-848, and the offsets of
/// groups, for a broker that coordinates every group. A group is of one protocol at a time; an
/// empty one becomes one of the protocol of the next member that joins. Belongs to one thread. No
/// reply may call back into the coordinator.
///
/// Time: whoever owns it calls run_due() at or soon after next_deadline(), which may change with
/// every other call.
class GroupCoordinator {
 public:
  using CommitReply = std::function<void(kafka::OffsetCommitResponse)>;

  /// `clock`, `log` and `topics` must outlive it. `random` makes member ids.
  GroupCoordinator(GroupSettings settings, const base::Clock& clock, base::Random random,
                   OffsetsLog& log, const TopicView& topics, std::shared_ptr<base::Logger> logger);
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
  /// Members of KIP-848, of version 0 or 1 of the request. Answered when what the answer tells is
  /// on disk. kGroupIdNotFound for one that joins a group of classic members.
  using ConsumerReply = std::function<void(kafka::ConsumerGroupHeartbeatResponse)>;
  void consumer_heartbeat(kafka::ConsumerGroupHeartbeatRequest request, int16_t version,
                          const GroupClient& client, ConsumerReply reply);
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
  /// Groups of KIP-848; kGroupIdNotFound for any other.
  kafka::ConsumerGroupDescribeResponse describe_consumers(
      const kafka::ConsumerGroupDescribeRequest& request) const;
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

  /// Topics were made, deleted or got more partitions: groups look at theirs again.
  void topics_changed() { ++topic_changes_; }
  using OffsetsGone = std::function<void(base::Result<void>)>;
  /// The topic is about to be deleted: told when no offset of it would outlive a crash.
  void bury_offsets(std::string_view topic, OffsetsGone told);
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

  // consumer_heartbeat.cc
  kafka::ErrorCode check_consumer(const kafka::ConsumerGroupHeartbeatRequest& request) const;
  kafka::ErrorCode check_room(const ConsumerGroup& consumers,
                              const kafka::ConsumerGroupHeartbeatRequest& request) const;
  void begin_consumer(Group& group, const kafka::ConsumerGroupHeartbeatRequest& request,
                      const GroupClient& client, std::vector<OffsetsRecord>& records);
  void next_epoch(Group& group, std::vector<OffsetsRecord>& records);
  kafka::ConsumerGroupHeartbeatResponse go_on(Group& group,
                                              const kafka::ConsumerGroupHeartbeatRequest& request,
                                              std::vector<OffsetsRecord>& records);
  void consumer_leave(const kafka::ConsumerGroupHeartbeatRequest& request, ConsumerReply reply);

  // consumer_membership.cc
  void upgrade(Group& group, std::vector<OffsetsRecord>& records);
  void downgrade(Group& group);
  void remove_consumers(Group& group, const std::vector<std::string>& member_ids,
                        std::vector<OffsetsRecord>& records);
  kafka::ErrorCode dismiss_consumer(Group& group, const kafka::LeaveGroupRequest::Member& leaver);
  void run_due_consumers(Group& group, base::MonotonicTime now);
  void write_consumers(Group& group, std::vector<OffsetsRecord> records,
                       std::function<void(bool)> done);
  base::Result<void> replay_consumers(const ConsumerKey& key, std::optional<base::ByteView> value);
  void restore_deadlines(Group& group);

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
                      const std::vector<std::pair<Group::OffsetsKey, OffsetValue>>& offsets,
                      bool is_ok);
  void expire_offsets();
  std::vector<Group::OffsetsKey> expired_offsets(const Group& group) const;
  void remove_offsets(Group& group, const std::vector<Group::OffsetsKey>& keys);

  // group_admin.cc
  void group_removed(const std::string& group_id);

  // group_recovery.cc
  base::Result<void> replay(base::ByteView key, std::optional<base::ByteView> value,
                            int64_t producer_id);
  void restore_group(const std::string& group_id, GroupValue value);
  void forget_if_bare(Group& group);

  GroupSettings settings_;
  const base::Clock& clock_;
  base::Random random_;
  OffsetsLog& log_;
  const TopicView& topics_;
  std::shared_ptr<base::Logger> logger_;
  std::map<std::string, std::unique_ptr<Group>, std::less<>> groups_;
  std::map<int64_t, std::set<std::string>> groups_of_producers_;  ///< with pending offsets
  uint64_t commits_ = 0;
  uint64_t topic_changes_ = 1;
  /// The earliest deadline of each group that has one, and the reverse.
  std::set<std::pair<base::MonotonicTime, std::string>> deadlines_;
  std::map<std::string, base::MonotonicTime, std::less<>> deadline_of_;
  base::MonotonicTime retention_check_at_{};
};

}  // namespace ticklake::broker
