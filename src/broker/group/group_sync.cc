#include <utility>

#include "broker/group/group_coordinator.h"

namespace ticklake::broker {

using kafka::ErrorCode;

namespace {

void refuse(const SyncReply& reply, ErrorCode error) {
  kafka::SyncGroupResponse response;
  response.error_code = error;
  reply(std::move(response));
}

kafka::SyncGroupResponse assignment_of(const Group& group, const GroupMember& member) {
  kafka::SyncGroupResponse response;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  response.assignment = member.assignment;
  return response;
}

}  // namespace

void GroupCoordinator::sync(kafka::SyncGroupRequest request, SyncReply reply) {
  if (request.group_id.empty()) return refuse(reply, ErrorCode::kInvalidGroupId);
  Group* group = find_group(request.group_id);
  if (group == nullptr) return refuse(reply, ErrorCode::kUnknownMemberId);
  const ErrorCode error = check_sync(*group, request);
  if (error != ErrorCode::kNone) return refuse(reply, error);

  GroupMember& member = *group->find(request.member_id);
  member.has_synced = true;
  if (group->state == GroupState::kStable) {
    if (group->all_synced()) group->rebalance_deadline.reset();
    heard_of(*group, member);
    return reply(assignment_of(*group, member));
  }
  const SyncReply former = std::exchange(member.awaiting_sync, std::move(reply));
  if (former) refuse(former, ErrorCode::kRebalanceInProgress);
  if (group->is_leader(member) && !group->is_storing_assignment) {
    store_assignment(*group, std::move(request.assignments));
  }
  schedule(*group);
}

ErrorCode GroupCoordinator::check_sync(const Group& group,
                                       const kafka::SyncGroupRequest& request) const {
  const ErrorCode error = check_member_generation(group, request.member_id,
                                                  request.group_instance_id, request.generation_id);
  if (error != ErrorCode::kNone) return error;
  if (request.protocol_type && *request.protocol_type != group.protocol_type) {
    return ErrorCode::kInconsistentGroupProtocol;
  }
  if (request.protocol_name && *request.protocol_name != group.protocol) {
    return ErrorCode::kInconsistentGroupProtocol;
  }
  size_t assigned_bytes = 0;
  for (const auto& assignment : request.assignments)
    assigned_bytes += assignment.member_id.size() + assignment.assignment.size();
  if (assigned_bytes > settings_.metadata_bytes_max) return ErrorCode::kUnknownServerError;
  return group.state == GroupState::kPreparingRebalance ? ErrorCode::kRebalanceInProgress
                                                        : ErrorCode::kNone;
}

void GroupCoordinator::store_assignment(
    Group& group, std::vector<kafka::SyncGroupRequest::Assignment> assignments) {
  std::map<std::string, base::Bytes, std::less<>> by_member;
  for (auto& assignment : assignments)
    by_member[assignment.member_id] = std::move(assignment.assignment);

  GroupValue record = group.to_record();
  for (GroupValue::Member& member : record.members) {
    const auto found = by_member.find(member.member_id);
    member.assignment = found == by_member.end() ? base::Bytes{} : found->second;
  }
  group.is_storing_assignment = true;
  std::vector<OffsetsRecord> records;
  records.push_back(group_record({group.id}, record));
  log_.append(std::move(records),
              [this, group_id = group.id, generation = group.generation,
               by_member = std::move(by_member)](base::Result<void> result) mutable {
                if (!result) {
                  logger_->error("the assignment of group {} cannot be kept: {}", group_id,
                                 base::to_line(result.error()));
                }
                assignment_stored(group_id, generation, std::move(by_member), result.has_value());
              });
}

void GroupCoordinator::assignment_stored(
    const std::string& group_id, int32_t generation,
    std::map<std::string, base::Bytes, std::less<>> assignments, bool is_ok) {
  Group* group = find_group(group_id);
  // A rebalance may have begun meanwhile; its joins have answered those who waited.
  if (group == nullptr || group->generation != generation ||
      group->state != GroupState::kCompletingRebalance) {
    return;
  }
  group->is_storing_assignment = false;
  if (!is_ok) {
    answer_syncs(*group, ErrorCode::kCoordinatorNotAvailable);
    rebalance_or_go_on(*group);
    return schedule(*group);
  }
  for (auto& [member_id, member] : group->members) {
    const auto found = assignments.find(member_id);
    member.assignment = found == assignments.end() ? base::Bytes{} : std::move(found->second);
  }
  enter(*group, GroupState::kStable);
  if (group->all_synced()) group->rebalance_deadline.reset();
  answer_syncs(*group, ErrorCode::kNone);
  schedule(*group);
}

void GroupCoordinator::answer_syncs(Group& group, ErrorCode error) {
  for (auto& [member_id, member] : group.members) {
    const SyncReply reply = std::exchange(member.awaiting_sync, nullptr);
    if (!reply) continue;
    heard_of(group, member);
    if (error == ErrorCode::kNone) {
      reply(assignment_of(group, member));
    } else {
      refuse(reply, error);
    }
  }
}

void GroupCoordinator::end_sync_phase(Group& group) {
  group.rebalance_deadline.reset();
  std::vector<std::string> absent;
  for (const auto& [member_id, member] : group.members) {
    if (!member.has_synced) absent.push_back(member_id);
  }
  if (absent.empty()) return;
  for (const std::string& member_id : absent) {
    logger_->info("group {}: member {} did not ask for its assignment", group.id, member_id);
    group.remove(member_id, ErrorCode::kUnknownMemberId);
  }
  rebalance_or_go_on(group);
}

}  // namespace ticklake::broker
