#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

#include "broker/gathered_answer.h"
#include "broker/group/consumer_group_records.h"
#include "broker/group/group_coordinator.h"

namespace ticklake::broker {

using kafka::ErrorCode;

namespace {

constexpr std::string_view kConsumers = "consumer";
constexpr std::string_view kClassic = "classic";

bool is_among(const std::vector<std::string>& filter, std::string_view name) {
  const auto is_same = [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left)) ==
           std::tolower(static_cast<unsigned char>(right));
  };
  return filter.empty() || std::ranges::any_of(filter, [&](const std::string& wanted) {
           return std::ranges::equal(wanted, name, is_same);
         });
}

kafka::DescribeGroupsResponse::Group described(const std::string& group_id, const Group* group) {
  kafka::DescribeGroupsResponse::Group answer;
  answer.group_id = group_id;
  answer.group_state = "Dead";
  // A group of KIP-848 is described by another request.
  if (group == nullptr || group->consumers) return answer;
  const bool is_stable = group->state == GroupState::kStable;
  answer.group_state = name_of(group->state);
  answer.protocol_type = group->protocol_type;
  if (is_stable) answer.protocol_data = group->protocol.value_or("");
  for (const auto& [member_id, member] : group->members) {
    auto& told = answer.members.emplace_back();
    told.member_id = member_id;
    told.group_instance_id = member.instance_id;
    told.client_id = member.client_id;
    told.client_host = member.client_host;
    if (!is_stable) continue;
    if (const base::Bytes* metadata = member.metadata(answer.protocol_data)) {
      told.member_metadata = *metadata;
    }
    told.member_assignment = member.assignment;
  }
  return answer;
}

std::vector<OffsetsRecord> tombstones_of(const Group& group) {
  std::vector<OffsetsRecord> records;
  // Of what is not committed yet as well: else it would come back.
  for (const Group::OffsetsKey& key : group.offset_keys(std::nullopt))
    records.push_back(offset_tombstone({group.id, key.first, key.second}));
  if (group.consumers) {
    add_group_tombstones(records, group.id, *group.consumers);
  } else {
    records.push_back(group_tombstone({group.id}));
  }
  return records;
}

}  // namespace

kafka::DescribeGroupsResponse GroupCoordinator::describe(
    const kafka::DescribeGroupsRequest& request) const {
  kafka::DescribeGroupsResponse response;
  for (const std::string& group_id : request.groups)
    response.groups.push_back(described(group_id, find(group_id)));
  return response;
}

kafka::ListGroupsResponse GroupCoordinator::list(const kafka::ListGroupsRequest& request) const {
  kafka::ListGroupsResponse response;
  for (const auto& [group_id, group] : groups_) {
    const std::string_view type = group->consumers ? kConsumers : kClassic;
    const std::string_view state =
        group->consumers ? group->consumers->state() : name_of(group->state);
    if (!is_among(request.types_filter, type) || !is_among(request.states_filter, state)) continue;
    response.groups.push_back({group_id,
                               group->consumers ? std::string(kConsumers) : group->protocol_type,
                               std::string(state), std::string(type)});
  }
  return response;
}

void GroupCoordinator::remove(const kafka::DeleteGroupsRequest& request, RemoveReply reply) {
  const auto pending =
      std::make_shared<GatheredAnswer<kafka::DeleteGroupsResponse>>(std::move(reply));
  pending->answer.results.resize(request.groups_names.size());
  for (size_t i = 0; i < request.groups_names.size(); ++i) {
    const std::string& group_id = request.groups_names[i];
    auto& answer = pending->answer.results[i];
    answer.group_id = group_id;
    const Group* const group = find(group_id);
    if (group == nullptr) {
      answer.error_code = ErrorCode::kGroupIdNotFound;
      continue;
    }
    if (group->state != GroupState::kEmpty || group->has_members()) {
      answer.error_code = ErrorCode::kNonEmptyGroup;
      continue;
    }
    pending->expect_part();
    log_.append(tombstones_of(*group), [this, pending, i, group_id](base::Result<void> result) {
      if (result) {
        group_removed(group_id);
      } else {
        logger_->error("group {} cannot be removed: {}", group_id, base::to_line(result.error()));
        pending->answer.results[i].error_code = ErrorCode::kCoordinatorNotAvailable;
      }
      pending->settle();
    });
  }
  pending->settle();
}

void GroupCoordinator::group_removed(const std::string& group_id) {
  Group* const group = find_group(group_id);
  if (group == nullptr) return;  // removed twice
  logger_->info("group {}: removed on request", group_id);
  group->offsets.clear();
  group->pending_offsets.clear();
  // Somebody may have joined or committed while the disk was busy: then there is a new group of
  // that name.
  if (!group->storing_offsets.empty()) return;
  if (group->state != GroupState::kEmpty || group->has_members()) return;
  group->pending_members.clear();
  schedule(*group);
  groups_.erase(group_id);
}

void GroupCoordinator::delete_offsets(const kafka::OffsetDeleteRequest& request,
                                      OffsetDeleteReply reply) {
  kafka::OffsetDeleteResponse response;
  const Group* const group = find(request.group_id);
  if (group == nullptr) {
    response.error_code = ErrorCode::kGroupIdNotFound;
  } else if (!group->members.empty() && group->protocol_type != kConsumers) {
    response.error_code = ErrorCode::kNonEmptyGroup;
  }
  if (response.error_code != ErrorCode::kNone) return reply(std::move(response));

  std::vector<OffsetsRecord> records;
  std::vector<Group::OffsetsKey> keys;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    const bool is_read = group->is_subscribed_to(topic.name);
    for (const auto& partition : topic.partitions) {
      answers.partitions.push_back(
          {partition.partition_index,
           is_read ? ErrorCode::kGroupSubscribedToTopic : ErrorCode::kNone});
      const Group::OffsetsKey key{topic.name, partition.partition_index};
      if (is_read || (!group->offsets.contains(key) && !group->is_unstable(key))) continue;
      records.push_back(offset_tombstone({group->id, key.first, key.second}));
      keys.push_back(key);
    }
  }
  if (records.empty()) return reply(std::move(response));
  log_.append(std::move(records), [this, group_id = request.group_id, keys = std::move(keys),
                                   response = std::move(response),
                                   reply = std::move(reply)](base::Result<void> result) mutable {
    if (!result) {
      logger_->error("offsets of group {} cannot be deleted: {}", group_id,
                     base::to_line(result.error()));
      response.topics.clear();
      response.error_code = ErrorCode::kCoordinatorNotAvailable;
      return reply(std::move(response));
    }
    if (Group* const owner = find_group(group_id)) {
      for (const Group::OffsetsKey& key : keys) {
        owner->offsets.erase(key);
        owner->forget_pending(key);
      }
    }
    reply(std::move(response));
  });
}

}  // namespace ticklake::broker
