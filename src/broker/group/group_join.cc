#include <algorithm>

#include "base/uuid.h"
#include "broker/group/group_coordinator.h"

namespace ticklake::broker {

using kafka::ErrorCode;

namespace {

/// A member that joined for the first time is kept this long while the others have not.
constexpr std::chrono::minutes kNewMemberJoinTimeout{5};
/// A member id is a client id and 22 characters more; strings on the wire hold 32,767 bytes.
constexpr size_t kClientIdBytesInMemberIdMax = 255;
constexpr int16_t kVersionRequiringMemberId = 4;
constexpr int16_t kVersionSkippingAssignment = 9;

void refuse(const JoinReply& reply, ErrorCode error, std::string member_id) {
  kafka::JoinGroupResponse response;
  response.error_code = error;
  response.member_id = std::move(member_id);
  reply(std::move(response));
}

/// Of what a member sends of itself.
size_t bytes_of(const kafka::JoinGroupRequest& request) {
  size_t sum = request.member_id.size();
  for (const auto& offered : request.protocols)
    sum += offered.name.size() + offered.metadata.size();
  return sum;
}

kafka::JoinGroupResponse welcome(const Group& group, const std::string& member_id,
                                 bool with_members) {
  kafka::JoinGroupResponse response;
  response.generation_id = group.generation;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  response.leader = group.leader_id;
  response.member_id = member_id;
  if (with_members) response.members = group.member_list();
  return response;
}

}  // namespace

void GroupCoordinator::join(kafka::JoinGroupRequest request, int16_t version,
                            const GroupClient& client, JoinReply reply) {
  if (request.rebalance_timeout_ms < 0) request.rebalance_timeout_ms = request.session_timeout_ms;
  const std::string group_id = request.group_id;
  if (const ErrorCode error = check_join(request); error != ErrorCode::kNone) {
    return refuse(reply, error, std::move(request.member_id));
  }
  Group& group = group_made_if_missing(group_id);
  if (group.consumers) downgrade(group);
  if (request.member_id.empty()) {
    join_unknown(group, request, version, client, std::move(reply));
  } else {
    join_known(group, request, client, std::move(reply));
  }
  schedule(group);
}

ErrorCode GroupCoordinator::check_join(const kafka::JoinGroupRequest& request) const {
  if (request.group_id.empty()) return ErrorCode::kInvalidGroupId;
  const std::chrono::milliseconds session{request.session_timeout_ms};
  if (session < settings_.session_timeout_min || session > settings_.session_timeout_max) {
    return ErrorCode::kInvalidSessionTimeout;
  }
  const Group* group = find(request.group_id);
  if (group == nullptr) {
    if (!request.member_id.empty()) return ErrorCode::kUnknownMemberId;
    const bool offers_any = !request.protocol_type.empty() && !request.protocols.empty();
    if (bytes_of(request) > settings_.metadata_bytes_max) return ErrorCode::kGroupMaxSizeReached;
    return offers_any ? ErrorCode::kNone : ErrorCode::kInconsistentGroupProtocol;
  }
  if (group->consumers) {
    if (group->has_members()) return ErrorCode::kInconsistentGroupProtocol;
    if (!request.member_id.empty()) return ErrorCode::kUnknownMemberId;
  }
  if (!group->supports(request.protocol_type, request.protocols)) {
    return ErrorCode::kInconsistentGroupProtocol;
  }
  const bool is_counted =
      group->find(request.member_id) != nullptr ||
      group->pending_members.contains(request.member_id) ||
      (request.group_instance_id && group->find_static(*request.group_instance_id) != nullptr);
  const size_t size = group->members.size() + group->pending_members.size();
  if (!is_counted && size >= settings_.members_max) return ErrorCode::kGroupMaxSizeReached;
  const GroupMember* const present = group->find(request.member_id);
  const size_t others =
      group->metadata_bytes() - (present != nullptr ? present->metadata_bytes() : 0);
  return others + bytes_of(request) <= settings_.metadata_bytes_max
             ? ErrorCode::kNone
             : ErrorCode::kGroupMaxSizeReached;
}

std::string GroupCoordinator::new_member_id(const std::string& prefix) {
  return prefix.substr(0, kClientIdBytesInMemberIdMax) + "-" + base::Uuid::random(random_).text();
}

void GroupCoordinator::join_unknown(Group& group, kafka::JoinGroupRequest& request, int16_t version,
                                    const GroupClient& client, JoinReply reply) {
  std::string member_id = new_member_id(request.group_instance_id.value_or(client.id));
  if (request.group_instance_id) {
    if (group.find_static(*request.group_instance_id) != nullptr) {
      return join_static_again(group, request, version, member_id, std::move(reply));
    }
  } else if (version >= kVersionRequiringMemberId) {
    // The id is made known before the member counts, so that a client whose first answer is lost
    // does not leave a ghost member behind (KIP-394).
    group.pending_members[member_id] =
        clock_.monotonic_now() + std::chrono::milliseconds{request.session_timeout_ms};
    return refuse(reply, ErrorCode::kMemberIdRequired, std::move(member_id));
  }
  add_and_rebalance(group, request, std::move(member_id), client, std::move(reply));
}

void GroupCoordinator::join_static_again(Group& group, kafka::JoinGroupRequest& request,
                                         int16_t version, const std::string& new_id,
                                         JoinReply reply) {
  const std::string old_id = *group.find_static(*request.group_instance_id);
  const std::string old_leader = group.leader_id;
  GroupMember& member = group.replace_static(old_id, new_id);
  logger_->info("group {}: static member {} is back as {}", group.id, *request.group_instance_id,
                new_id);
  // Its assignment knows nothing of topics that it did not name when that was made, and nobody
  // would make another: the client looks for changes of what it subscribed to, not of what it got.
  const bool is_as_before =
      member.subscribes_as_before(request.protocols, group.protocol.value_or(""));
  member.protocols = std::move(request.protocols);
  member.session_timeout = std::chrono::milliseconds{request.session_timeout_ms};
  member.rebalance_timeout = std::chrono::milliseconds{request.rebalance_timeout_ms};
  heard_of(group, member);
  if (group.state != GroupState::kStable || !is_as_before ||
      group.select_protocol() != group.protocol) {
    // While an assignment is being made, the leader may have given it to the old id.
    member.awaiting_join = std::move(reply);
    return rebalance_or_go_on(group);
  }
  // The generation goes on. An old client that heard it leads would make an assignment that
  // nobody waits for: it is told the leader's former id; a newer one is told to skip it.
  const bool can_skip = version >= kVersionSkippingAssignment;
  const bool is_leader = group.is_leader(member);
  kafka::JoinGroupResponse response = welcome(group, new_id, is_leader && can_skip);
  response.skip_assignment = is_leader && can_skip;
  if (!can_skip) response.leader = old_leader;
  store(group, [response = std::move(response), reply = std::move(reply)](bool is_ok) mutable {
    if (!is_ok) {
      return refuse(reply, ErrorCode::kCoordinatorNotAvailable, std::move(response.member_id));
    }
    reply(std::move(response));
  });
}

void GroupCoordinator::join_known(Group& group, kafka::JoinGroupRequest& request,
                                  const GroupClient& client, JoinReply reply) {
  if (group.pending_members.contains(request.member_id)) {
    std::string member_id = request.member_id;
    return add_and_rebalance(group, request, std::move(member_id), client, std::move(reply));
  }
  const ErrorCode error = check_member(group, request.member_id, request.group_instance_id);
  if (error != ErrorCode::kNone) return refuse(reply, error, std::move(request.member_id));

  GroupMember& member = *group.find(request.member_id);
  // The leader joins again when it sees other partitions, so its protocols need not have changed.
  const bool is_repeated = member.offers(request.protocols) &&
                           (group.state == GroupState::kCompletingRebalance ||
                            (group.state == GroupState::kStable && !group.is_leader(member)));
  if (!is_repeated) return update_and_rebalance(group, member, request, std::move(reply));
  heard_of(group, member);
  reply(welcome(group, member.id, group.is_leader(member)));
}

void GroupCoordinator::add_and_rebalance(Group& group, kafka::JoinGroupRequest& request,
                                         std::string member_id, const GroupClient& client,
                                         JoinReply reply) {
  logger_->info("group {}: member {} joins", group.id, member_id);
  GroupMember member;
  member.id = std::move(member_id);
  member.instance_id = std::move(request.group_instance_id);
  member.client_id = client.id;
  member.client_host = client.host;
  member.session_timeout = std::chrono::milliseconds{request.session_timeout_ms};
  member.rebalance_timeout = std::chrono::milliseconds{request.rebalance_timeout_ms};
  member.protocols = std::move(request.protocols);
  member.is_new = true;
  member.session_deadline = clock_.monotonic_now() + kNewMemberJoinTimeout;
  member.awaiting_join = std::move(reply);
  group.add(std::move(member), std::move(request.protocol_type));
  group.joined_during_initial_rebalance = group.is_initial_rebalance;
  rebalance_or_go_on(group);
}

void GroupCoordinator::update_and_rebalance(Group& group, GroupMember& member,
                                            kafka::JoinGroupRequest& request, JoinReply reply) {
  const JoinReply former = std::exchange(member.awaiting_join, std::move(reply));
  member.protocols = std::move(request.protocols);
  member.session_timeout = std::chrono::milliseconds{request.session_timeout_ms};
  member.rebalance_timeout = std::chrono::milliseconds{request.rebalance_timeout_ms};
  if (former) refuse(former, ErrorCode::kRebalanceInProgress, member.id);
  rebalance_or_go_on(group);
}

void GroupCoordinator::rebalance_or_go_on(Group& group) {
  if (group.state != GroupState::kPreparingRebalance) {
    if (group.members.empty() && group.state == GroupState::kEmpty) return;
    prepare_rebalance(group);
  }
  if (group.state == GroupState::kPreparingRebalance && !group.is_initial_rebalance &&
      group.all_joined()) {
    end_join_phase(group);
  }
}

void GroupCoordinator::prepare_rebalance(Group& group) {
  const base::MonotonicTime now = clock_.monotonic_now();
  if (group.state == GroupState::kCompletingRebalance) {
    answer_syncs(group, ErrorCode::kRebalanceInProgress);
  }
  const bool was_empty = group.state == GroupState::kEmpty;
  const std::chrono::milliseconds delay = settings_.initial_rebalance_delay;
  enter(group, GroupState::kPreparingRebalance);
  group.is_storing_assignment = false;
  if (was_empty && delay.count() > 0) {
    group.is_initial_rebalance = true;
    group.joined_during_initial_rebalance = false;
    group.initial_rebalance_left =
        std::max(group.rebalance_timeout() - delay, std::chrono::milliseconds{0});
    group.rebalance_deadline = now + delay;
    return;
  }
  group.rebalance_deadline = now + group.rebalance_timeout();
  // Ids handed out to others do not hold up the first member of an empty group.
  if (was_empty) end_join_phase(group);
}

void GroupCoordinator::end_initial_delay(Group& group, base::MonotonicTime now) {
  if (group.joined_during_initial_rebalance && group.initial_rebalance_left.count() > 0) {
    const std::chrono::milliseconds more =
        std::min(settings_.initial_rebalance_delay, group.initial_rebalance_left);
    group.initial_rebalance_left -= more;
    group.joined_during_initial_rebalance = false;
    group.rebalance_deadline = now + more;
    return;
  }
  group.is_initial_rebalance = false;
  end_join_phase(group);
}

void GroupCoordinator::end_join_phase(Group& group) {
  std::vector<std::string> absent;
  for (const auto& [member_id, member] : group.members) {
    if (!member.awaiting_join && !member.instance_id) absent.push_back(member_id);
  }
  for (const std::string& member_id : absent) {
    logger_->info("group {}: member {} did not join again in time", group.id, member_id);
    group.remove(member_id, ErrorCode::kUnknownMemberId);
  }
  if (!group.members.empty() && !group.elect_joined_leader()) {
    // Only static members are left, and none of them is back: wait on, their sessions decide.
    group.rebalance_deadline = clock_.monotonic_now() + group.rebalance_timeout();
    return;
  }
  begin_generation(group);
}

void GroupCoordinator::begin_generation(Group& group) {
  ++group.generation;
  group.is_initial_rebalance = false;
  group.rebalance_deadline.reset();
  if (group.members.empty()) {
    enter(group, GroupState::kEmpty);
    group.protocol.reset();
    logger_->info("group {}: empty since generation {}", group.id, group.generation);
    return store(group, [](bool) {});
  }
  group.protocol = group.select_protocol();
  enter(group, GroupState::kCompletingRebalance);
  group.rebalance_deadline = clock_.monotonic_now() + group.rebalance_timeout();
  logger_->info("group {}: generation {} of {} members, led by {}", group.id, group.generation,
                group.members.size(), group.leader_id);
  for (auto& [member_id, member] : group.members) {
    member.has_synced = false;
    member.is_new = false;
    heard_of(group, member);
    if (const JoinReply reply = std::exchange(member.awaiting_join, nullptr)) {
      reply(welcome(group, member_id, group.is_leader(member)));
    }
  }
}

void GroupCoordinator::remove_member(Group& group, const std::string& member_id, ErrorCode error) {
  group.remove(member_id, error);
  rebalance_or_go_on(group);
}

}  // namespace ticklake::broker
