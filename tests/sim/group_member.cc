#include "group_member.h"

namespace ticklake::sim {
namespace {

using kafka::ErrorCode;

constexpr int32_t kSessionTimeoutMs = 6000;
constexpr int32_t kRebalanceTimeoutMs = 1000;
constexpr Nanoseconds kSilenceMax = Milliseconds{8000};

}  // namespace

void GroupMember::judge(ErrorCode error, const std::function<void()>& again) {
  if (may_go_again(error)) return world_.later(kBackoff, again);
  // As with Kafka, who is given an id in a rebalance that a crash ends is taken for a stranger who
  // has its instance id.
  const bool is_stranger = error == ErrorCode::kFencedInstanceId && instance_id_ && !is_id_kept_;
  switch (error) {
    case ErrorCode::kFencedInstanceId:
      if (!is_stranger) break;
      [[fallthrough]];
    case ErrorCode::kUnknownMemberId: member_id_.clear(); [[fallthrough]];
    case ErrorCode::kRebalanceInProgress:
    case ErrorCode::kIllegalGeneration: return world_.later(kBackoff, [this] { join(); });
    default: break;
  }
  world_.model.violation(name_ + " of the group is told " + std::string(kafka::name_of(error)));
  is_idle_ = true;
}

void GroupMember::join() {
  is_idle_ = world_.is_stopping;
  if (is_idle_) return;
  kafka::JoinGroupRequest request;
  request.group_id = kMembersGroup;
  request.session_timeout_ms = kSessionTimeoutMs;
  request.rebalance_timeout_ms = kRebalanceTimeoutMs;
  request.member_id = member_id_;
  request.group_instance_id = instance_id_;
  request.protocol_type = "consumer";
  request.protocols.push_back({"simulated", {}});
  session_.ask(request, 5, [this](const kafka::JoinGroupResponse* response) {
    if (!response) return world_.later(kBackoff, [this] { join(); });
    if (response->error_code == ErrorCode::kMemberIdRequired) {
      member_id_ = response->member_id;
      return join();
    }
    if (response->error_code != ErrorCode::kNone)
      return judge(response->error_code, [this] { join(); });
    is_id_kept_ = is_id_kept_ && response->member_id == member_id_;
    member_id_ = response->member_id;
    generation_ = response->generation_id;
    sync(*response);
  });
}

void GroupMember::sync(const kafka::JoinGroupResponse& joined) {
  kafka::SyncGroupRequest request;
  request.group_id = kMembersGroup;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = instance_id_;
  if (joined.leader == member_id_) {
    for (const auto& member : joined.members)
      request.assignments.push_back({member.member_id, {}});
    for (int32_t partition = 0; partition < kPartitions; ++partition) {
      const size_t turn = static_cast<size_t>(generation_) + static_cast<size_t>(partition);
      request.assignments[turn % request.assignments.size()].assignment.push_back(
          static_cast<std::byte>(partition));
    }
  }
  session_.ask(request, 3, [this](const kafka::SyncGroupResponse* response) {
    // What became of it is not known; who joins again makes another generation.
    if (!response) return world_.later(kBackoff, [this] { join(); });
    if (response->error_code != ErrorCode::kNone)
      return judge(response->error_code, [this] { join(); });
    group_.newest_generation = std::max(group_.newest_generation, generation_);
    is_id_kept_ = true;
    partitions_.clear();
    for (const std::byte partition : response->assignment)
      partitions_.push_back(static_cast<int32_t>(partition));
    world_.trace(name_ + " has " + std::to_string(partitions_.size()) +
                 " partitions in generation " + std::to_string(generation_));
    look_at_offsets();
  });
}

void GroupMember::look_at_offsets() {
  kafka::OffsetFetchRequest request;
  request.group_id = kMembersGroup;
  request.topics.emplace().push_back({kLogTopic, {0, 1}});
  session_.ask(
      request, 6,
      [this, known = group_.offsets.acknowledged](const kafka::OffsetFetchResponse* response) {
        if (!response) return world_.later(kBackoff, [this] { look_at_offsets(); });
        if (response->error_code != ErrorCode::kNone)
          return judge(response->error_code, [this] { look_at_offsets(); });
        for (const auto& partition : response->topics.at(0).partitions) {
          const int64_t before = known.at(static_cast<size_t>(partition.partition_index));
          if (group_.offsets.is_possible(partition.committed_offset, before)) continue;
          world_.model.violation(name_ + " finds offset " +
                                 std::to_string(partition.committed_offset) + " of partition " +
                                 std::to_string(partition.partition_index) + ", where " +
                                 std::to_string(before) + " was committed");
        }
        go_on();
      });
}

void GroupMember::go_on() {
  world_.later(Milliseconds{200}, [this] {
    is_idle_ = world_.is_stopping;
    if (is_idle_) return;
    switch (world_.random.below(30)) {
      case 0: return leave();
      // The others take what it had; it finds that out when it comes back.
      case 1: return world_.later(kSilenceMax, [this] { commit(); });
      case 2: member_id_.clear(); return world_.later(kSilenceMax, [this] { join(); });
      default: return world_.random.below(3) == 0 ? beat() : commit();
    }
  });
}

void GroupMember::commit() {
  if (partitions_.empty()) return beat();
  const int32_t partition = partitions_[world_.random.below(partitions_.size())];
  const int64_t offset = group_.offsets.next();
  const int32_t newest = group_.newest_generation;
  kafka::OffsetCommitRequest request;
  request.group_id = kMembersGroup;
  request.generation_id_or_member_epoch = generation_;
  request.member_id = member_id_;
  request.group_instance_id = instance_id_;
  request.topics.push_back({kLogTopic, {{partition, offset, -1, std::nullopt}}});
  session_.ask(request, 7, [=, this](const kafka::OffsetCommitResponse* response) {
    if (!response) return go_on();
    const ErrorCode error = response->topics.at(0).partitions.at(0).error_code;
    if (error != ErrorCode::kNone) return judge(error, [this] { commit(); });
    if (generation_ < newest) {
      world_.model.violation(name_ + " committed in generation " + std::to_string(generation_) +
                             ", when there was " + std::to_string(newest));
    }
    group_.offsets.acknowledge(partition, offset);
    go_on();
  });
}

void GroupMember::beat() {
  session_.ask(kafka::HeartbeatRequest{kMembersGroup, generation_, member_id_, instance_id_}, 3,
               [this](const kafka::HeartbeatResponse* response) {
                 if (!response || response->error_code == ErrorCode::kNone) return go_on();
                 judge(response->error_code, [this] { beat(); });
               });
}

void GroupMember::leave() {
  if (instance_id_) {
    member_id_.clear();
    return world_.later(kSilenceMax, [this] { join(); });
  }
  kafka::LeaveGroupRequest request;
  request.group_id = kMembersGroup;
  request.member_id = std::exchange(member_id_, {});
  session_.ask(request, 1, [this](const kafka::LeaveGroupResponse*) {
    world_.later(kSilenceMax, [this] { join(); });
  });
}

}  // namespace ticklake::sim
