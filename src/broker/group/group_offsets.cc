#include <algorithm>
#include <utility>

#include "broker/gathered_answer.h"
#include "broker/group/consumer_group_records.h"
#include "broker/group/group_coordinator.h"

namespace ticklake::broker {

using kafka::ErrorCode;

namespace {

kafka::OffsetCommitResponse answer_all(const kafka::OffsetCommitRequest& request, ErrorCode error) {
  kafka::OffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions)
      answered.partitions.push_back({partition.partition_index, error});
  }
  return response;
}

kafka::OffsetFetchResponse::Partition fetched(const Group* group, const std::string& topic,
                                              int32_t partition, bool require_stable) {
  kafka::OffsetFetchResponse::Partition answer;
  answer.partition_index = partition;
  answer.committed_offset = -1;
  answer.metadata = "";
  if (group == nullptr) return answer;
  if (require_stable && group->is_unstable({topic, partition})) {
    answer.error_code = ErrorCode::kUnstableOffsetCommit;
    return answer;
  }
  const auto found = group->offsets.find({topic, partition});
  if (found == group->offsets.end()) return answer;
  answer.committed_offset = found->second.offset;
  answer.committed_leader_epoch = found->second.leader_epoch;
  answer.metadata = found->second.metadata;
  return answer;
}

std::vector<kafka::OffsetFetchResponse::Topic> fetched_topics(
    const Group* group, const std::optional<std::vector<kafka::OffsetFetchRequest::Topic>>& topics,
    bool require_stable) {
  std::vector<kafka::OffsetFetchResponse::Topic> answer;
  if (topics) {
    for (const auto& topic : *topics) {
      auto& answered = answer.emplace_back();
      answered.name = topic.name;
      for (const int32_t partition : topic.partition_indexes)
        answered.partitions.push_back(fetched(group, topic.name, partition, require_stable));
    }
  } else if (group != nullptr) {
    for (const auto& [key, value] : group->offsets) {
      if (answer.empty() || answer.back().name != key.first) answer.emplace_back().name = key.first;
      answer.back().partitions.push_back(fetched(group, key.first, key.second, require_stable));
    }
  }
  return answer;
}

}  // namespace

void GroupCoordinator::commit(const kafka::OffsetCommitRequest& request, CommitReply reply) {
  commit_in_transaction({}, request, std::move(reply));
}

void GroupCoordinator::commit_in_transaction(ProducerIdAndEpoch producer,
                                             const kafka::OffsetCommitRequest& request,
                                             CommitReply reply) {
  Group* group = find_group(request.group_id);
  if (group == nullptr && request.generation_id_or_member_epoch >= 0) {
    return reply(answer_all(request, ErrorCode::kIllegalGeneration));
  }
  if (group == nullptr) group = &group_made_if_missing(request.group_id);
  const ErrorCode error = check_commit(*group, request, producer.id >= 0);
  if (error != ErrorCode::kNone) return reply(answer_all(request, error));
  if (GroupMember* member = group->find(request.member_id)) heard_of(*group, *member);
  store_offsets(*group, request, producer, std::move(reply));
}

void GroupCoordinator::store_offsets(Group& group, const kafka::OffsetCommitRequest& request,
                                     ProducerIdAndEpoch producer, CommitReply reply) {
  kafka::OffsetCommitResponse response = answer_all(request, ErrorCode::kNone);
  std::vector<OffsetsRecord> records;
  std::vector<std::pair<Group::OffsetsKey, OffsetValue>> offsets;
  const int64_t now_ms = base::to_unix_ms(clock_.wall_now());
  const uint64_t place = ++commits_;
  for (size_t i = 0; i < request.topics.size(); ++i) {
    const auto& topic = request.topics[i];
    for (size_t j = 0; j < topic.partitions.size(); ++j) {
      const auto& partition = topic.partitions[j];
      const OffsetValue value{partition.committed_offset, partition.committed_leader_epoch,
                              partition.committed_metadata.value_or(""), now_ms, place};
      if (value.metadata.size() > settings_.offset_metadata_bytes_max) {
        response.topics[i].partitions[j].error_code = ErrorCode::kOffsetMetadataTooLarge;
        continue;
      }
      records.push_back(offset_record({group.id, topic.name, partition.partition_index}, value));
      offsets.emplace_back(Group::OffsetsKey{topic.name, partition.partition_index}, value);
    }
  }
  if (records.empty()) return reply(std::move(response));
  if (producer.id >= 0) {
    // Unstable from now on: a reader that asks meanwhile must not go on from the old offset.
    groups_of_producers_[producer.id].insert(group.id);
    for (const auto& [key, value] : offsets)
      group.pending_offsets[producer.id].insert_or_assign(key, value);
  } else {
    for (const auto& [key, value] : offsets)
      group.storing_offsets.insert({key, value.place});
  }
  auto stored = [this, group_id = group.id, producer_id = producer.id,
                 response = std::move(response), offsets = std::move(offsets),
                 reply = std::move(reply)](const base::Result<void>& result) mutable {
    offsets_stored(group_id, producer_id, offsets, result.has_value());
    if (!result) {
      logger_->error("offsets of group {} cannot be kept: {}", group_id,
                     base::to_line(result.error()));
      const bool is_fenced = result.error().code == base::ErrorCode::kFenced;
      for (auto& topic : response.topics) {
        for (auto& partition : topic.partitions) {
          if (partition.error_code != ErrorCode::kNone) continue;
          partition.error_code =
              is_fenced ? ErrorCode::kInvalidProducerEpoch : ErrorCode::kCoordinatorNotAvailable;
        }
      }
    }
    reply(std::move(response));
  };
  if (producer.id >= 0) {
    log_.append_in_transaction(producer, std::move(records), std::move(stored));
  } else {
    log_.append(std::move(records), std::move(stored));
  }
}

void GroupCoordinator::offsets_stored(
    const std::string& group_id, int64_t producer_id,
    const std::vector<std::pair<Group::OffsetsKey, OffsetValue>>& offsets, bool is_ok) {
  if (producer_id < 0) {
    Group* const group = find_group(group_id);
    if (group == nullptr) return;
    for (const auto& [key, value] : offsets) {
      const bool counts = group->storing_offsets.erase({key, value.place}) > 0;
      if (is_ok && counts) group->offsets.insert_or_assign(key, value);
    }
    return;
  }
  Group* const group = find_group(group_id);
  // The marker that is to come makes them count.
  if (is_ok || group == nullptr) return;
  const auto pending = group->pending_offsets.find(producer_id);
  if (pending == group->pending_offsets.end()) return;
  for (const auto& [key, value] : offsets) {
    const auto found = pending->second.find(key);
    const bool is_this = found != pending->second.end() && found->second.place == value.place;
    if (is_this) pending->second.erase(found);
  }
  if (pending->second.empty()) group->pending_offsets.erase(pending);
}

void GroupCoordinator::end_transaction(int64_t producer_id, bool is_commit) {
  const auto found = groups_of_producers_.find(producer_id);
  if (found == groups_of_producers_.end()) return;
  const std::set<std::string> group_ids = std::move(found->second);
  groups_of_producers_.erase(found);
  for (const std::string& group_id : group_ids) {
    Group* const group = find_group(group_id);
    if (group == nullptr) continue;
    const auto pending = group->pending_offsets.find(producer_id);
    if (pending == group->pending_offsets.end()) continue;
    const Group::Offsets offsets = std::move(pending->second);
    group->pending_offsets.erase(pending);
    if (!is_commit) continue;
    for (const auto& [key, value] : offsets) {
      const auto committed = group->offsets.find(key);
      // A commit outside of the transaction that came later than this one stays.
      const bool is_older =
          committed != group->offsets.end() && committed->second.place > value.place;
      if (!is_older) group->offsets.insert_or_assign(key, value);
    }
  }
}

namespace {

/// Before version 3 TxnOffsetCommit named no member; such a producer is fenced by its epoch alone.
bool names_member(const kafka::OffsetCommitRequest& request) {
  return request.generation_id_or_member_epoch >= 0 || !request.member_id.empty() ||
         request.group_instance_id.has_value();
}

/// Of a group of KIP-848.
ErrorCode check_consumer_commit(const ConsumerGroup& consumers,
                                const kafka::OffsetCommitRequest& request, bool is_in_transaction) {
  const int32_t epoch = request.generation_id_or_member_epoch;
  if (epoch < 0 && consumers.members().empty()) return ErrorCode::kNone;
  if (is_in_transaction && !names_member(request)) return ErrorCode::kNone;
  const ConsumerMember* const member = consumers.find(request.member_id);
  if (member == nullptr) return ErrorCode::kUnknownMemberId;
  if (member->epoch == epoch) return ErrorCode::kNone;
  return is_in_transaction ? ErrorCode::kIllegalGeneration : ErrorCode::kStaleMemberEpoch;
}

/// OffsetFetch 9 by a member of a group of KIP-848; others may always read.
ErrorCode check_fetch(const Group* group, const kafka::OffsetFetchRequest::Group& asked) {
  const bool names_nobody = !asked.member_id && asked.member_epoch < 0;
  if (group == nullptr || !group->consumers || names_nobody) return ErrorCode::kNone;
  const ConsumerMember* const member = group->consumers->find(asked.member_id.value_or(""));
  if (member == nullptr) return ErrorCode::kUnknownMemberId;
  return member->epoch == asked.member_epoch ? ErrorCode::kNone : ErrorCode::kStaleMemberEpoch;
}

}  // namespace

ErrorCode GroupCoordinator::check_commit(const Group& group,
                                         const kafka::OffsetCommitRequest& request,
                                         bool is_in_transaction) {
  const int32_t generation = request.generation_id_or_member_epoch;
  if (group.consumers) return check_consumer_commit(*group.consumers, request, is_in_transaction);
  if (group.state == GroupState::kEmpty && generation < 0) return ErrorCode::kNone;
  if (is_in_transaction && !names_member(request)) return ErrorCode::kNone;
  // A group with members takes offsets from these alone.
  const ErrorCode error =
      check_member_generation(group, request.member_id, request.group_instance_id, generation);
  if (error != ErrorCode::kNone || is_in_transaction) return error;
  // A member may commit while others join again, but not between its join and its assignment.
  return group.state == GroupState::kCompletingRebalance ? ErrorCode::kRebalanceInProgress
                                                         : ErrorCode::kNone;
}

kafka::OffsetFetchResponse GroupCoordinator::fetch(const kafka::OffsetFetchRequest& request,
                                                   int16_t version) const {
  kafka::OffsetFetchResponse response;
  if (version < 8) {
    response.topics =
        fetched_topics(find(request.group_id), request.topics, request.require_stable);
    return response;
  }
  for (const auto& asked : request.groups) {
    auto& group = response.groups.emplace_back();
    group.group_id = asked.group_id;
    group.error_code = check_fetch(find(asked.group_id), asked);
    if (group.error_code != ErrorCode::kNone) continue;
    group.topics = fetched_topics(find(asked.group_id), asked.topics, request.require_stable);
  }
  return response;
}

void GroupCoordinator::bury_offsets(std::string_view topic, OffsetsGone told) {
  const auto pending = std::make_shared<GatheredAnswer<base::Result<void>>>(std::move(told));
  for (const auto& [group_id, group] : groups_) {
    std::vector<OffsetsRecord> records;
    for (const Group::OffsetsKey& key : group->offset_keys(topic))
      records.push_back(offset_tombstone({group_id, key.first, key.second}));
    if (records.empty()) continue;
    pending->expect_part();
    log_.append(std::move(records), [pending](base::Result<void> result) {
      if (!result) pending->answer = std::move(result);
      pending->settle();
    });
  }
  pending->settle();
}

void GroupCoordinator::forget_topic(std::string_view topic) {
  for (auto& [group_id, group] : groups_)
    remove_offsets(*group, group->offset_keys(topic));
}

std::vector<Group::OffsetsKey> GroupCoordinator::expired_offsets(const Group& group) const {
  const base::WallTime oldest = clock_.wall_now() - settings_.offsets_retention;
  const int64_t oldest_ms = base::to_unix_ms(oldest);
  const bool is_empty = group.state == GroupState::kEmpty && !group.has_members();
  const bool had_members = !group.protocol_type.empty();
  std::vector<Group::OffsetsKey> keys;
  // A group at work keeps what its members read; while it rebalances, that is not known.
  if (!is_empty && !group.consumers && group.state != GroupState::kStable) return keys;
  for (const auto& [key, value] : group.offsets) {
    if (group.is_unstable(key) || group.is_storing(key)) continue;
    const bool is_old =
        is_empty && had_members ? group.state_since <= oldest : value.commit_time_ms <= oldest_ms;
    if (is_old && (is_empty || !group.is_subscribed_to(key.first))) keys.push_back(key);
  }
  return keys;
}

void GroupCoordinator::expire_offsets() {
  std::vector<std::string> dead;
  for (auto& [group_id, group] : groups_) {
    remove_offsets(*group, expired_offsets(*group));
    const bool is_dead = group->state == GroupState::kEmpty && !group->has_members() &&
                         group->offset_keys(std::nullopt).empty() && group->pending_members.empty();
    if (is_dead) dead.push_back(group_id);
  }
  for (const std::string& group_id : dead) {
    logger_->info("group {}: removed, for it has neither members nor offsets", group_id);
    std::vector<OffsetsRecord> records;
    if (const auto& consumers = find(group_id)->consumers) {
      add_group_tombstones(records, group_id, *consumers);
    } else {
      records.push_back(group_tombstone({group_id}));
    }
    log_.append(std::move(records), [](const base::Result<void>&) {});
    groups_.erase(group_id);
  }
}

void GroupCoordinator::remove_offsets(Group& group, const std::vector<Group::OffsetsKey>& keys) {
  if (keys.empty()) return;
  std::vector<OffsetsRecord> records;
  for (const Group::OffsetsKey& key : keys) {
    records.push_back(offset_tombstone({group.id, key.first, key.second}));
    group.forget_offset(key);
  }
  // Should this be lost, the offsets expire once more after the next start. Those of a deleted
  // topic were buried before, but for commits that came meanwhile.
  log_.append(std::move(records), [](const base::Result<void>&) {});
}

}  // namespace ticklake::broker
