#include <algorithm>
#include <utility>

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
                                              int32_t partition) {
  kafka::OffsetFetchResponse::Partition answer;
  answer.partition_index = partition;
  answer.committed_offset = -1;
  answer.metadata = "";
  if (group == nullptr) return answer;
  const auto found = group->offsets.find({topic, partition});
  if (found == group->offsets.end()) return answer;
  answer.committed_offset = found->second.offset;
  answer.committed_leader_epoch = found->second.leader_epoch;
  answer.metadata = found->second.metadata;
  return answer;
}

std::vector<kafka::OffsetFetchResponse::Topic> fetched_topics(
    const Group* group,
    const std::optional<std::vector<kafka::OffsetFetchRequest::Topic>>& topics) {
  std::vector<kafka::OffsetFetchResponse::Topic> answer;
  if (topics) {
    for (const auto& topic : *topics) {
      auto& answered = answer.emplace_back();
      answered.name = topic.name;
      for (const int32_t partition : topic.partition_indexes)
        answered.partitions.push_back(fetched(group, topic.name, partition));
    }
  } else if (group != nullptr) {
    for (const auto& [key, value] : group->offsets) {
      if (answer.empty() || answer.back().name != key.first) answer.emplace_back().name = key.first;
      answer.back().partitions.push_back(fetched(group, key.first, key.second));
    }
  }
  return answer;
}

}  // namespace

void GroupCoordinator::commit(const kafka::OffsetCommitRequest& request, CommitReply reply) {
  Group* group = find_group(request.group_id);
  if (group == nullptr && request.generation_id_or_member_epoch >= 0) {
    return reply(answer_all(request, ErrorCode::kIllegalGeneration));
  }
  if (group == nullptr) group = &group_made_if_missing(request.group_id);
  const ErrorCode error = check_commit(*group, request);
  if (error != ErrorCode::kNone) return reply(answer_all(request, error));
  if (GroupMember* member = group->find(request.member_id)) heard_of(*group, *member);

  kafka::OffsetCommitResponse response = answer_all(request, ErrorCode::kNone);
  std::vector<OffsetsRecord> records;
  std::vector<std::pair<Group::OffsetsKey, OffsetValue>> offsets;
  const int64_t now_ms = base::to_unix_ms(clock_.wall_now());
  for (size_t i = 0; i < request.topics.size(); ++i) {
    const auto& topic = request.topics[i];
    for (size_t j = 0; j < topic.partitions.size(); ++j) {
      const auto& partition = topic.partitions[j];
      const OffsetValue value{partition.committed_offset, partition.committed_leader_epoch,
                              partition.committed_metadata.value_or(""), now_ms};
      if (value.metadata.size() > settings_.offset_metadata_bytes_max) {
        response.topics[i].partitions[j].error_code = ErrorCode::kOffsetMetadataTooLarge;
        continue;
      }
      records.push_back(offset_record({group->id, topic.name, partition.partition_index}, value));
      offsets.emplace_back(Group::OffsetsKey{topic.name, partition.partition_index}, value);
    }
  }
  if (records.empty()) return reply(std::move(response));
  log_.append(std::move(records), [this, group_id = group->id, response = std::move(response),
                                   offsets = std::move(offsets),
                                   reply = std::move(reply)](base::Result<void> result) mutable {
    if (!result) {
      logger_->error("offsets of group {} cannot be kept: {}", group_id,
                     base::to_line(result.error()));
      for (auto& topic : response.topics) {
        for (auto& partition : topic.partitions) {
          if (partition.error_code == ErrorCode::kNone) {
            partition.error_code = ErrorCode::kCoordinatorNotAvailable;
          }
        }
      }
      return reply(std::move(response));
    }
    Group& owner = group_made_if_missing(group_id);
    for (auto& [key, value] : offsets)
      owner.offsets.insert_or_assign(std::move(key), std::move(value));
    reply(std::move(response));
  });
}

ErrorCode GroupCoordinator::check_commit(const Group& group,
                                         const kafka::OffsetCommitRequest& request) {
  const int32_t generation = request.generation_id_or_member_epoch;
  if (group.state == GroupState::kEmpty && generation < 0) return ErrorCode::kNone;
  // A group with members takes offsets from these alone.
  const ErrorCode error =
      check_member_generation(group, request.member_id, request.group_instance_id, generation);
  if (error != ErrorCode::kNone) return error;
  // A member may commit while others join again, but not between its join and its assignment.
  return group.state == GroupState::kCompletingRebalance ? ErrorCode::kRebalanceInProgress
                                                         : ErrorCode::kNone;
}

kafka::OffsetFetchResponse GroupCoordinator::fetch(const kafka::OffsetFetchRequest& request,
                                                   int16_t version) const {
  kafka::OffsetFetchResponse response;
  if (version < 8) {
    response.topics = fetched_topics(find(request.group_id), request.topics);
    return response;
  }
  for (const auto& asked : request.groups) {
    auto& group = response.groups.emplace_back();
    group.group_id = asked.group_id;
    group.topics = fetched_topics(find(asked.group_id), asked.topics);
  }
  return response;
}

void GroupCoordinator::forget_topic(std::string_view topic) {
  for (auto& [group_id, group] : groups_) {
    std::vector<Group::OffsetsKey> keys;
    for (const auto& [key, value] : group->offsets) {
      if (key.first == topic) keys.push_back(key);
    }
    remove_offsets(*group, keys);
  }
}

std::vector<Group::OffsetsKey> GroupCoordinator::expired_offsets(const Group& group) const {
  const base::WallTime oldest = clock_.wall_now() - settings_.offsets_retention;
  const int64_t oldest_ms = base::to_unix_ms(oldest);
  const bool is_empty = group.state == GroupState::kEmpty;
  const bool had_members = !group.protocol_type.empty();
  std::vector<Group::OffsetsKey> keys;
  // A group at work keeps what its members read; while it rebalances, that is not known.
  if (!is_empty && group.state != GroupState::kStable) return keys;
  for (const auto& [key, value] : group.offsets) {
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
    const bool is_dead = group->state == GroupState::kEmpty && group->offsets.empty() &&
                         group->pending_members.empty();
    if (is_dead) dead.push_back(group_id);
  }
  for (const std::string& group_id : dead) {
    logger_->info("group {}: removed, for it has neither members nor offsets", group_id);
    std::vector<OffsetsRecord> records;
    records.push_back(group_tombstone({group_id}));
    log_.append(std::move(records), [](const base::Result<void>&) {});
    groups_.erase(group_id);
  }
}

void GroupCoordinator::remove_offsets(Group& group, const std::vector<Group::OffsetsKey>& keys) {
  if (keys.empty()) return;
  std::vector<OffsetsRecord> records;
  for (const Group::OffsetsKey& key : keys) {
    records.push_back(offset_tombstone({group.id, key.first, key.second}));
    group.offsets.erase(key);
  }
  // Should this be lost, the offsets expire once more after the next start.
  log_.append(std::move(records), [](const base::Result<void>&) {});
}

}  // namespace ticklake::broker
