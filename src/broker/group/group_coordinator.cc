#include "broker/group/group_coordinator.h"

#include <algorithm>

namespace ticklake::broker {

using kafka::ErrorCode;

GroupCoordinator::GroupCoordinator(GroupSettings settings, const base::Clock& clock,
                                   base::Random random, OffsetsLog& log, const TopicView& topics,
                                   std::shared_ptr<base::Logger> logger)
    : settings_(std::move(settings)),
      clock_(clock),
      random_(random),
      log_(log),
      topics_(topics),
      logger_(std::move(logger)),
      retention_check_at_(clock.monotonic_now() + settings_.offsets_retention_check) {}

GroupCoordinator::~GroupCoordinator() = default;

kafka::HeartbeatResponse GroupCoordinator::heartbeat(const kafka::HeartbeatRequest& request) {
  kafka::HeartbeatResponse response;
  Group* group = find_group(request.group_id);
  if (request.group_id.empty()) {
    response.error_code = ErrorCode::kInvalidGroupId;
  } else if (group == nullptr) {
    response.error_code = ErrorCode::kUnknownMemberId;
  } else {
    response.error_code = check_member_generation(*group, request.member_id,
                                                  request.group_instance_id, request.generation_id);
    if (response.error_code == ErrorCode::kNone) {
      heard_of(*group, *group->find(request.member_id));
      if (group->state == GroupState::kPreparingRebalance) {
        response.error_code = ErrorCode::kRebalanceInProgress;
      }
    }
  }
  return response;
}

kafka::LeaveGroupResponse GroupCoordinator::leave(const kafka::LeaveGroupRequest& request,
                                                  int16_t version) {
  kafka::LeaveGroupResponse response;
  if (request.group_id.empty()) {
    response.error_code = ErrorCode::kInvalidGroupId;
    return response;
  }
  std::vector<kafka::LeaveGroupRequest::Member> leavers = request.members;
  if (version < 3) leavers = {{request.member_id, std::nullopt, std::nullopt}};
  Group* group = find_group(request.group_id);
  for (const auto& leaver : leavers) {
    const ErrorCode error =
        group == nullptr ? ErrorCode::kUnknownMemberId : leave_one(*group, leaver);
    response.members.push_back({leaver.member_id, leaver.group_instance_id, error});
  }
  if (version < 3) {
    response.error_code = response.members.front().error_code;
    response.members.clear();
  }
  if (group != nullptr) schedule(*group);
  return response;
}

ErrorCode GroupCoordinator::leave_one(Group& group,
                                      const kafka::LeaveGroupRequest::Member& leaver) {
  if (group.consumers) return dismiss_consumer(group, leaver);
  std::string member_id = leaver.member_id;
  if (member_id.empty() && leaver.group_instance_id) {
    // An administrator names the static member by its instance alone.
    const std::string* found = group.find_static(*leaver.group_instance_id);
    if (found == nullptr) return ErrorCode::kUnknownMemberId;
    member_id = *found;
  }
  if (group.pending_members.erase(member_id) != 0) {
    rebalance_or_go_on(group);
    return ErrorCode::kNone;
  }
  const ErrorCode error = check_member(group, member_id, leaver.group_instance_id);
  if (error != ErrorCode::kNone) return error;
  logger_->info("group {}: member {} left", group.id, member_id);
  remove_member(group, member_id, ErrorCode::kUnknownMemberId);
  return ErrorCode::kNone;
}

std::optional<base::MonotonicTime> GroupCoordinator::next_deadline() const {
  if (deadlines_.empty()) {
    return groups_.empty() ? std::nullopt : std::optional(retention_check_at_);
  }
  return std::min(deadlines_.begin()->first, retention_check_at_);
}

void GroupCoordinator::run_due() {
  const base::MonotonicTime now = clock_.monotonic_now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Group* group = find_group(deadlines_.begin()->second);
    deadline_of_.erase(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
    if (group != nullptr) run_due_group(*group, now);
  }
  if (retention_check_at_ <= now) {
    retention_check_at_ = now + settings_.offsets_retention_check;
    expire_offsets();
  }
}

void GroupCoordinator::run_due_group(Group& group, base::MonotonicTime now) {
  if (group.consumers) run_due_consumers(group, now);
  const size_t dropped =
      std::erase_if(group.pending_members, [&](const auto& entry) { return entry.second <= now; });
  std::vector<std::string> expired;
  for (const auto& [member_id, member] : group.members) {
    const auto at = member.expires_at();
    if (at && *at <= now) expired.push_back(member_id);
  }
  for (const std::string& member_id : expired) {
    logger_->info("group {}: member {} was not heard of in time", group.id, member_id);
    remove_member(group, member_id, ErrorCode::kUnknownMemberId);
  }
  if (dropped != 0) rebalance_or_go_on(group);
  if (group.rebalance_deadline && *group.rebalance_deadline <= now) {
    if (group.state != GroupState::kPreparingRebalance) {
      end_sync_phase(group);
    } else if (group.is_initial_rebalance) {
      end_initial_delay(group, now);
    } else {
      end_join_phase(group);
    }
  }
  schedule(group);
}

const Group* GroupCoordinator::find(std::string_view group_id) const {
  const auto found = groups_.find(group_id);
  return found == groups_.end() ? nullptr : found->second.get();
}

Group* GroupCoordinator::find_group(std::string_view group_id) {
  const auto found = groups_.find(group_id);
  return found == groups_.end() ? nullptr : found->second.get();
}

Group& GroupCoordinator::group_made_if_missing(const std::string& group_id) {
  std::unique_ptr<Group>& group = groups_[group_id];
  if (!group) {
    group = std::make_unique<Group>(group_id);
    group->state_since = clock_.wall_now();
  }
  return *group;
}

ErrorCode GroupCoordinator::check_member(const Group& group, std::string_view member_id,
                                         const std::optional<std::string>& instance_id) {
  if (instance_id) {
    const std::string* current = group.find_static(*instance_id);
    if (current == nullptr) return ErrorCode::kUnknownMemberId;
    if (*current != member_id) return ErrorCode::kFencedInstanceId;
  }
  return group.find(member_id) ? ErrorCode::kNone : ErrorCode::kUnknownMemberId;
}

ErrorCode GroupCoordinator::check_member_generation(const Group& group, std::string_view member_id,
                                                    const std::optional<std::string>& instance_id,
                                                    int32_t generation) {
  const ErrorCode error = check_member(group, member_id, instance_id);
  if (error != ErrorCode::kNone) return error;
  return generation == group.generation ? ErrorCode::kNone : ErrorCode::kIllegalGeneration;
}

void GroupCoordinator::heard_of(Group& group, GroupMember& member) {
  member.session_deadline = clock_.monotonic_now() + member.session_timeout;
  schedule(group);
}

void GroupCoordinator::enter(Group& group, GroupState state) {
  group.state = state;
  group.state_since = clock_.wall_now();
}

void GroupCoordinator::schedule(Group& group) {
  std::optional<base::MonotonicTime> earliest = group.rebalance_deadline;
  const auto consider = [&](std::optional<base::MonotonicTime> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  for (const auto& [member_id, member] : group.members)
    consider(member.expires_at());
  for (const auto& [member_id, until] : group.pending_members)
    consider(until);
  if (group.consumers) {
    for (const auto& [member_id, member] : group.consumers->members()) {
      consider(member.session_deadline);
      consider(member.revocation_deadline);
    }
  }

  const auto known = deadline_of_.find(group.id);
  if (known != deadline_of_.end()) {
    if (earliest == known->second) return;
    deadlines_.erase({known->second, group.id});
    deadline_of_.erase(known);
  }
  if (!earliest) return;
  deadlines_.emplace(*earliest, group.id);
  deadline_of_.emplace(group.id, *earliest);
}

void GroupCoordinator::store(Group& group, std::function<void(bool)> done) {
  std::vector<OffsetsRecord> records;
  records.push_back(group_record({group.id}, group.to_record()));
  log_.append(std::move(records), [this, group_id = group.id,
                                   done = std::move(done)](base::Result<void> result) {
    if (!result) {
      logger_->error("group {} cannot be kept: {}", group_id, base::to_line(result.error()));
    }
    done(result.has_value());
  });
}

}  // namespace ticklake::broker
