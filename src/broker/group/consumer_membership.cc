// What happens to a group of KIP-848 beside its members' heartbeats.

#include <set>
#include <utility>

#include "broker/group/consumer_group_records.h"
#include "broker/group/group_coordinator.h"

namespace ticklake::broker {

using kafka::ErrorCode;

namespace {

std::set<base::Bytes> tombstones_in(const std::vector<OffsetsRecord>& records) {
  std::set<base::Bytes> keys;
  for (const OffsetsRecord& record : records) {
    if (!record.value) keys.insert(record.key);
  }
  return keys;
}

}  // namespace

void GroupCoordinator::upgrade(Group& group, std::vector<OffsetsRecord>& records) {
  if (!group.protocol_type.empty()) records.push_back(group_tombstone({group.id}));
  group.consumers = std::make_unique<ConsumerGroup>();
  // Epochs go on where generations ended: a member of before is never taken for one of now.
  group.consumers->epoch = group.generation;
  group.protocol_type.clear();
  group.protocol.reset();
}

void GroupCoordinator::downgrade(Group& group) {
  std::vector<OffsetsRecord> records;
  add_group_tombstones(records, group.id, *group.consumers);
  group.generation = group.consumers->epoch;
  group.consumers.reset();
  // Should this be lost, the group is an empty one of KIP-848 after the next start.
  log_.append(std::move(records), [](const base::Result<void>&) {});
}

void GroupCoordinator::remove_consumers(Group& group, const std::vector<std::string>& member_ids,
                                        std::vector<OffsetsRecord>& records) {
  for (const std::string& member_id : member_ids) {
    add_member_tombstones(records, group.id, member_id);
    group.consumers->remove(member_id);
  }
  group.consumers->resolve(topics_);
  next_epoch(group, records);
  if (group.consumers->members().empty()) {
    group.state_since = clock_.wall_now();
    logger_->info("group {}: empty since epoch {}", group.id, group.consumers->epoch);
  }
}

ErrorCode GroupCoordinator::dismiss_consumer(Group& group,
                                             const kafka::LeaveGroupRequest::Member& leaver) {
  std::string member_id = leaver.member_id;
  if (leaver.group_instance_id) {
    const std::string* const known_as = group.consumers->find_static(*leaver.group_instance_id);
    if (known_as == nullptr) return ErrorCode::kUnknownMemberId;
    if (!member_id.empty() && member_id != *known_as) return ErrorCode::kFencedInstanceId;
    member_id = *known_as;
  }
  if (group.consumers->find(member_id) == nullptr) return ErrorCode::kUnknownMemberId;
  logger_->info("group {}: member {} is dismissed", group.id, member_id);
  std::vector<OffsetsRecord> records;
  remove_consumers(group, {member_id}, records);
  write_consumers(group, std::move(records), [](bool) {});
  return ErrorCode::kNone;
}

void GroupCoordinator::run_due_consumers(Group& group, base::MonotonicTime now) {
  std::vector<std::string> late;
  for (const auto& [member_id, member] : group.consumers->members()) {
    const bool is_silent = member.session_deadline <= now;
    const bool holds_on = member.revocation_deadline && *member.revocation_deadline <= now;
    if (!is_silent && !holds_on) continue;
    logger_->info("group {}: member {} {}", group.id, member_id,
                  is_silent ? "was not heard of in time" : "did not give up partitions in time");
    late.push_back(member_id);
  }
  if (late.empty()) return;
  std::vector<OffsetsRecord> records;
  remove_consumers(group, late, records);
  write_consumers(group, std::move(records), [](bool) {});
}

void GroupCoordinator::write_consumers(Group& group, std::vector<OffsetsRecord> records,
                                       std::function<void(bool)> done) {
  ConsumerGroup& consumers = *group.consumers;
  if (std::exchange(consumers.is_disk_behind, false)) {
    consumers.lost_tombstones.merge(tombstones_in(records));
    records = all_records(group.id, consumers);
    consumers.lost_tombstones.clear();
  }
  if (records.empty()) {
    // What the answer tells must be on disk, even if another heartbeat brought it about.
    if (consumers.write) return consumers.write->waiting.push_back(std::move(done));
    return done(true);
  }
  const auto write = std::make_shared<ConsumerGroupWrite>();
  consumers.write = write;
  std::set<base::Bytes> tombstones = tombstones_in(records);
  log_.append(std::move(records), [this, group_id = group.id, write, losses = consumers.losses,
                                   tombstones = std::move(tombstones),
                                   done = std::move(done)](base::Result<void> result) mutable {
    Group* const owner = find_group(group_id);
    bool is_ok = result.has_value();
    if (owner != nullptr && owner->consumers) {
      ConsumerGroup& now = *owner->consumers;
      if (now.write == write) now.write.reset();
      // What was decided after a write that is lost since then stands on what is not on disk.
      is_ok = is_ok && now.losses == losses;
      if (!result) {
        now.is_disk_behind = true;
        ++now.losses;
        now.lost_tombstones.merge(std::move(tombstones));
      }
    }
    if (!result) {
      logger_->error("group {} cannot be kept: {}", group_id, base::to_line(result.error()));
    }
    done(is_ok);
    for (const auto& waiting : write->waiting)
      waiting(is_ok);
  });
}

base::Result<void> GroupCoordinator::replay_consumers(const ConsumerKey& key,
                                                      std::optional<base::ByteView> value) {
  Group* group = find_group(key.group_id);
  if (!value) {
    if (group == nullptr || !group->consumers) return {};
    if (key.kind != ConsumerRecord::kGroup) return apply_record(*group->consumers, key, value);
    group->consumers.reset();
    forget_if_bare(*group);
    return {};
  }
  if (group == nullptr) group = &group_made_if_missing(key.group_id);
  if (!group->consumers) group->consumers = std::make_unique<ConsumerGroup>();
  return apply_record(*group->consumers, key, value);
}

void GroupCoordinator::restore_deadlines(Group& group) {
  const base::MonotonicTime now = clock_.monotonic_now();
  std::vector<ConsumerMember> restored;
  for (const auto& [member_id, member] : group.consumers->members()) {
    ConsumerMember& next = restored.emplace_back(member);
    next.session_deadline = now + settings_.consumer_session_timeout;
    if (next.state == ConsumerState::kUnrevoked) {
      next.revocation_deadline = now + next.rebalance_timeout;
    }
  }
  for (ConsumerMember& member : restored)
    group.consumers->put(std::move(member));
  const uint64_t known = group.consumers->topics_hash;
  group.consumers->resolve(topics_);
  // Topics may have changed since they were last looked at.
  if (group.consumers->topics_hash != known) {
    ++group.consumers->epoch;
    group.consumers->is_disk_behind = true;
  }
  group.consumers->seen_topics = topic_changes_;
  schedule(group);
}

namespace {

kafka::ConsumerGroupDescribeResponse::Assignment described(const PartitionSet& set,
                                                           const TopicView& topics) {
  kafka::ConsumerGroupDescribeResponse::Assignment answer;
  for (const auto& [topic, partitions] : set) {
    const auto name = topics.name_of(topic);
    if (!name) continue;  // deleted
    answer.topic_partitions.push_back({topic, *name, {partitions.begin(), partitions.end()}});
  }
  return answer;
}

}  // namespace

kafka::ConsumerGroupDescribeResponse GroupCoordinator::describe_consumers(
    const kafka::ConsumerGroupDescribeRequest& request) const {
  constexpr int8_t kConsumerType = 1;
  kafka::ConsumerGroupDescribeResponse response;
  for (const std::string& group_id : request.group_ids) {
    auto& answer = response.groups.emplace_back();
    answer.group_id = group_id;
    const Group* const group = find(group_id);
    if (group == nullptr || !group->consumers) {
      answer.error_code = ErrorCode::kGroupIdNotFound;
      answer.error_message = group == nullptr ? "there is no group '" + group_id + "'"
                                              : "'" + group_id + "' is a classic group";
      continue;
    }
    const ConsumerGroup& consumers = *group->consumers;
    answer.group_state = consumers.state();
    answer.group_epoch = consumers.epoch;
    answer.assignment_epoch = consumers.target_epoch;
    answer.assignor_name = consumers.assignor(settings_.assignors);
    for (const auto& [member_id, member] : consumers.members()) {
      answer.members.push_back({member_id, member.instance_id, member.rack_id, member.epoch,
                                member.client_id, member.client_host, member.topic_names,
                                member.topic_regex, described(member.assigned, topics_),
                                described(consumers.target_of(member_id), topics_), kConsumerType});
    }
  }
  return response;
}

}  // namespace ticklake::broker
