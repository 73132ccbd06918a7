// The heartbeat of KIP-848: by it a member joins, says what it wants and owns, is told what to
// read, and leaves.

#include <algorithm>
#include <utility>

#include "base/uuid.h"
#include "broker/group/consumer_group_records.h"
#include "broker/group/group_coordinator.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using Request = kafka::ConsumerGroupHeartbeatRequest;
using Response = kafka::ConsumerGroupHeartbeatResponse;

namespace {

/// From this version on the client makes the member's id (KIP-1082).
constexpr int16_t kVersionWithClientMadeIds = 1;

Response refusal(ErrorCode error, std::string message) {
  Response response;
  response.error_code = error;
  response.error_message = std::move(message);
  return response;
}

bool has_regex(const Request& request) {
  return request.subscribed_topic_regex && !request.subscribed_topic_regex->empty();
}

/// What is wrong with a first heartbeat; null if nothing.
const char* fault_of_join(const Request& request) {
  if (request.rebalance_timeout_ms < 0) return "a member that joins says its rebalance timeout";
  if (!request.topic_partitions || !request.topic_partitions->empty()) {
    return "a member that joins owns no partitions";
  }
  if (!request.subscribed_topic_names && !request.subscribed_topic_regex) {
    return "a member that joins says what it subscribes to";
  }
  return nullptr;
}

const char* fault_of(const Request& request, int16_t version) {
  if (request.group_id.empty()) return "a group has a name";
  const bool may_have_no_id =
      version < kVersionWithClientMadeIds && request.member_epoch == kJoinEpoch;
  if (request.member_id.empty() && !may_have_no_id) return "a member has an id";
  if (request.instance_id && request.instance_id->empty()) return "an instance id is not empty";
  if (request.rack_id && request.rack_id->empty()) return "a rack id is not empty";
  if (request.member_epoch < kStaticLeaveEpoch) return "there is no such member epoch";
  if (request.member_epoch == kStaticLeaveEpoch && !request.instance_id) {
    return "only a static member can be away for a while: it has an instance id";
  }
  return request.member_epoch == kJoinEpoch ? fault_of_join(request) : nullptr;
}

/// The first heartbeat, and one after an answer was lost, say everything; then the answer does too.
bool says_everything(const Request& request) {
  const bool subscribes = request.subscribed_topic_names || request.subscribed_topic_regex;
  return request.member_epoch == kJoinEpoch ||
         (request.rebalance_timeout_ms >= 0 && subscribes && request.topic_partitions);
}

void update(ConsumerMember& member, const Request& request, const GroupClient& client) {
  member.client_id = client.id;
  member.client_host = client.host;
  if (request.instance_id) member.instance_id = request.instance_id;
  if (request.rack_id) member.rack_id = request.rack_id;
  if (request.rebalance_timeout_ms >= 0) {
    member.rebalance_timeout = std::chrono::milliseconds{request.rebalance_timeout_ms};
  }
  if (request.server_assignor) member.assignor = request.server_assignor;
  if (request.subscribed_topic_names) {
    member.topic_names = *request.subscribed_topic_names;
    std::ranges::sort(member.topic_names);
    const auto doubles = std::unique(member.topic_names.begin(), member.topic_names.end());
    member.topic_names.erase(doubles, member.topic_names.end());
  }
  if (request.subscribed_topic_regex) {
    member.topic_regex.reset();
    if (has_regex(request)) member.topic_regex = request.subscribed_topic_regex;
  }
}

}  // namespace

void GroupCoordinator::consumer_heartbeat(Request request, int16_t version,
                                          const GroupClient& client, ConsumerReply reply) {
  if (const char* const fault = fault_of(request, version)) {
    return reply(refusal(ErrorCode::kInvalidRequest, fault));
  }
  const std::vector<std::string>& assignors = settings_.assignors;
  if (request.server_assignor &&
      std::ranges::find(assignors, *request.server_assignor) == assignors.end()) {
    return reply(refusal(ErrorCode::kUnsupportedAssignor,
                         "there is no assignor '" + *request.server_assignor + "'"));
  }
  if (has_regex(request)) {
    if (const auto parsed = TopicPattern::parse(*request.subscribed_topic_regex); !parsed) {
      return reply(refusal(ErrorCode::kInvalidRegularExpression, parsed.error().what));
    }
  }
  if (request.member_epoch < 0) return consumer_leave(request, std::move(reply));

  if (const ErrorCode error = check_consumer(request); error != ErrorCode::kNone) {
    return reply(refusal(error, "the member '" + request.member_id + "' of the group '" +
                                    request.group_id +
                                    "' is refused: " + std::string(kafka::name_of(error))));
  }
  if (request.member_id.empty()) request.member_id = base::Uuid::random(random_).text();
  Group& group = group_made_if_missing(request.group_id);
  std::vector<OffsetsRecord> records;
  if (!group.consumers) upgrade(group, records);
  begin_consumer(group, request, client, records);
  Response response = go_on(group, request, records);
  schedule(group);
  write_consumers(group, std::move(records),
                  [reply = std::move(reply), response = std::move(response)](bool is_ok) mutable {
                    if (is_ok) return reply(std::move(response));
                    reply(refusal(ErrorCode::kCoordinatorNotAvailable,
                                  "the group cannot be kept: the disk does not take it"));
                  });
}

ErrorCode GroupCoordinator::check_consumer(const Request& request) const {
  const bool joins = request.member_epoch == kJoinEpoch;
  const Group* const group = find(request.group_id);
  if (group == nullptr || !group->consumers) {
    if (!joins) return ErrorCode::kUnknownMemberId;
    const bool is_free =
        group == nullptr || (group->state == GroupState::kEmpty && group->pending_members.empty());
    return is_free ? check_room(ConsumerGroup{}, request) : ErrorCode::kGroupIdNotFound;
  }
  const ConsumerGroup& consumers = *group->consumers;
  if (request.instance_id) {
    const std::string* const known_as = consumers.find_static(*request.instance_id);
    if (known_as == nullptr && !joins) return ErrorCode::kUnknownMemberId;
    if (known_as != nullptr && *known_as != request.member_id) {
      if (!joins) return ErrorCode::kFencedInstanceId;
      if (consumers.find(*known_as)->epoch != kStaticLeaveEpoch) {
        return ErrorCode::kUnreleasedInstanceId;
      }
    }
  }
  if (joins) return check_room(consumers, request);

  const ConsumerMember* const member = consumers.find(request.member_id);
  if (member == nullptr) return ErrorCode::kUnknownMemberId;
  if (request.member_epoch != member->epoch) {
    // It may not have heard of its new epoch; then it owns nothing beyond what it is to have.
    const bool is_behind = request.member_epoch < member->epoch &&
                           request.member_epoch == member->previous_epoch &&
                           request.topic_partitions &&
                           includes(member->assigned, from_message(*request.topic_partitions));
    if (!is_behind) return ErrorCode::kFencedMemberEpoch;
  }
  return check_room(consumers, request);
}

ErrorCode GroupCoordinator::check_room(const ConsumerGroup& consumers,
                                       const Request& request) const {
  const bool is_known = consumers.find(request.member_id) != nullptr ||
                        (request.instance_id && consumers.find_static(*request.instance_id));
  if (!is_known && consumers.members().size() >= settings_.consumer_members_max) {
    return ErrorCode::kGroupMaxSizeReached;
  }
  if (!request.subscribed_topic_names) return ErrorCode::kNone;
  ConsumerMember wanted;
  update(wanted, request, {});
  const ConsumerMember* const present = consumers.find(request.member_id);
  const size_t others =
      consumers.subscription_bytes() - (present != nullptr ? present->subscription_bytes() : 0);
  return others + wanted.subscription_bytes() <= settings_.metadata_bytes_max
             ? ErrorCode::kNone
             : ErrorCode::kGroupMaxSizeReached;
}

void GroupCoordinator::begin_consumer(Group& group, const Request& request,
                                      const GroupClient& client,
                                      std::vector<OffsetsRecord>& records) {
  ConsumerGroup& consumers = *group.consumers;
  const std::string* const known_as =
      request.instance_id ? consumers.find_static(*request.instance_id) : nullptr;
  const bool is_back = known_as != nullptr && *known_as != request.member_id;
  if (is_back) {
    const std::string old_id = *known_as;
    logger_->info("group {}: static member {} is back as {}", group.id, *request.instance_id,
                  request.member_id);
    consumers.replace_static(old_id, request.member_id);
    add_member_tombstones(records, group.id, old_id);
    records.push_back(
        target_record(group.id, request.member_id, consumers.target_of(request.member_id)));
  }
  const ConsumerMember* const present = consumers.find(request.member_id);
  ConsumerMember next = present != nullptr ? *present : ConsumerMember{};
  next.id = request.member_id;
  update(next, request, client);
  const bool is_changed = present == nullptr || is_back || !present->says_the_same(next);
  const bool needs_target = present == nullptr || !present->subscribes_to_the_same(next) ||
                            present->assignor != next.assignor;
  if (request.member_epoch == kJoinEpoch) {
    // It owns nothing, whatever it had: so it may have its share at once.
    next.epoch = kJoinEpoch;
    next.previous_epoch = -1;
    next.state = ConsumerState::kStable;
    next.assigned.clear();
    next.revoking.clear();
    next.revocation_deadline.reset();
    logger_->info("group {}: member {} joins", group.id, next.id);
  }
  if (is_changed) records.push_back(consumer_member_record(group.id, next));
  next.session_deadline = clock_.monotonic_now() + settings_.consumer_session_timeout;
  consumers.put(std::move(next));

  bool is_due = needs_target;
  if (needs_target || consumers.seen_topics != topic_changes_) {
    is_due = consumers.resolve(topics_) || is_due;
    consumers.seen_topics = topic_changes_;
  }
  if (is_due) next_epoch(group, records);
}

void GroupCoordinator::next_epoch(Group& group, std::vector<OffsetsRecord>& records) {
  ++group.consumers->epoch;
  records.push_back(consumer_group_record(group.id, *group.consumers));
}

Response GroupCoordinator::go_on(Group& group, const Request& request,
                                 std::vector<OffsetsRecord>& records) {
  ConsumerGroup& consumers = *group.consumers;
  if (consumers.epoch != consumers.target_epoch) {
    for (const std::string& member_id : consumers.make_target(settings_.assignors))
      records.push_back(target_record(group.id, member_id, consumers.target_of(member_id)));
    records.push_back(target_epoch_record(group.id, consumers.target_epoch));
    logger_->info("group {}: epoch {} of {} members, assigned by {}", group.id, consumers.epoch,
                  consumers.members().size(), consumers.assignor(settings_.assignors));
  }
  std::optional<PartitionSet> owned;
  if (request.topic_partitions) owned = from_message(*request.topic_partitions);
  const PartitionSet former = consumers.find(request.member_id)->assigned;
  const bool has_moved = consumers.reconcile(request.member_id, owned);
  ConsumerMember& member = *consumers.find(request.member_id);
  if (has_moved) records.push_back(current_record(group.id, member));
  if (member.state != ConsumerState::kUnrevoked) {
    member.revocation_deadline.reset();
  } else if (has_moved) {
    member.revocation_deadline = clock_.monotonic_now() + member.rebalance_timeout;
  }

  Response response;
  response.member_id = member.id;
  response.member_epoch = member.epoch;
  response.heartbeat_interval_ms =
      static_cast<int32_t>(settings_.consumer_heartbeat_interval.count());
  // Told again where the member may not have heard of it.
  const bool is_told = says_everything(request) || member.assigned != former ||
                       request.member_epoch != member.epoch || (owned && *owned != member.assigned);
  if (is_told) response.assignment.emplace().topic_partitions = to_message(member.assigned);
  return response;
}

void GroupCoordinator::consumer_leave(const Request& request, ConsumerReply reply) {
  Group* const group = find_group(request.group_id);
  ErrorCode error = ErrorCode::kUnknownMemberId;
  if (group != nullptr && group->consumers) {
    const std::string* const known_as =
        request.instance_id ? group->consumers->find_static(*request.instance_id) : nullptr;
    if (known_as != nullptr && *known_as != request.member_id) {
      error = ErrorCode::kFencedInstanceId;
    } else if (group->consumers->find(request.member_id) != nullptr) {
      error = ErrorCode::kNone;
    }
  }
  if (error != ErrorCode::kNone) {
    return reply(refusal(
        error, "'" + request.member_id + "' is no member of the group '" + request.group_id + "'"));
  }
  std::vector<OffsetsRecord> records;
  if (request.member_epoch == kStaticLeaveEpoch) {
    ConsumerMember away = *group->consumers->find(request.member_id);
    away.epoch = kStaticLeaveEpoch;
    away.previous_epoch = -1;
    away.state = ConsumerState::kStable;
    away.revoking.clear();
    away.revocation_deadline.reset();
    away.session_deadline = clock_.monotonic_now() + settings_.consumer_session_timeout;
    records.push_back(current_record(group->id, away));
    group->consumers->put(std::move(away));
    logger_->info("group {}: static member {} is away", group->id, request.member_id);
  } else {
    logger_->info("group {}: member {} left", group->id, request.member_id);
    remove_consumers(*group, {request.member_id}, records);
  }
  schedule(*group);
  Response response;
  response.member_id = request.member_id;
  response.member_epoch = request.member_epoch;
  response.heartbeat_interval_ms =
      static_cast<int32_t>(settings_.consumer_heartbeat_interval.count());
  write_consumers(*group, std::move(records),
                  [reply = std::move(reply), response = std::move(response)](bool is_ok) mutable {
                    if (!is_ok) response.error_code = ErrorCode::kCoordinatorNotAvailable;
                    reply(std::move(response));
                  });
}

}  // namespace ticklake::broker
