#include "broker/group/group_test_bed.h"

#include "base/assert.h"

namespace ticklake::broker {

void GroupTestBed::restart() {
  coordinator = std::make_unique<GroupCoordinator>(settings_, clock, base::Random{7}, log, topics,
                                                   base::make_null_logger());
  TICKLAKE_ASSERT(coordinator->recover().has_value());
}

void GroupTestBed::advance(std::chrono::milliseconds duration) {
  clock.advance(duration);
  coordinator->run_due();
  log.flush();
}

kafka::JoinGroupRequest GroupTestBed::join_request(std::string member_id) const {
  kafka::JoinGroupRequest request;
  request.group_id = "readers";
  request.session_timeout_ms = 10'000;
  request.rebalance_timeout_ms = 60'000;
  request.member_id = std::move(member_id);
  request.protocol_type = "consumer";
  const base::ByteView subscription = base::as_bytes("ticks");
  request.protocols = {{"range", {subscription.begin(), subscription.end()}}, {"roundrobin", {}}};
  return request;
}

Joined GroupTestBed::join(kafka::JoinGroupRequest request, int16_t version) {
  auto joined = std::make_shared<std::optional<kafka::JoinGroupResponse>>();
  coordinator->join(std::move(request), version, {"app", "/127.0.0.1"},
                    [joined](kafka::JoinGroupResponse response) {
                      TICKLAKE_ASSERT(!*joined);
                      *joined = std::move(response);
                    });
  return joined;
}

std::string GroupTestBed::new_member_id() {
  const Joined refused = join("");
  TICKLAKE_ASSERT(*refused && (*refused)->error_code == kafka::ErrorCode::kMemberIdRequired);
  return (*refused)->member_id;
}

Synced GroupTestBed::sync(const std::string& member_id, int32_t generation,
                          const std::vector<std::pair<std::string, std::string>>& assignments,
                          std::optional<std::string> instance_id) {
  kafka::SyncGroupRequest request;
  request.group_id = "readers";
  request.generation_id = generation;
  request.member_id = member_id;
  request.group_instance_id = std::move(instance_id);
  for (const auto& [to, text] : assignments) {
    const base::ByteView bytes = base::as_bytes(text);
    request.assignments.push_back({to, {bytes.begin(), bytes.end()}});
  }
  auto synced = std::make_shared<std::optional<kafka::SyncGroupResponse>>();
  coordinator->sync(std::move(request), [synced](kafka::SyncGroupResponse response) {
    TICKLAKE_ASSERT(!*synced);
    *synced = std::move(response);
  });
  return synced;
}

kafka::ErrorCode GroupTestBed::heartbeat(const std::string& member_id, int32_t generation,
                                         std::optional<std::string> instance_id) {
  return coordinator->heartbeat({"readers", generation, member_id, std::move(instance_id)})
      .error_code;
}

kafka::ErrorCode GroupTestBed::leave(const std::string& member_id) {
  kafka::LeaveGroupRequest request;
  request.group_id = "readers";
  request.members = {{member_id, std::nullopt, std::nullopt}};
  const auto response = coordinator->leave(request, 5);
  log.flush();
  return response.members.at(0).error_code;
}

kafka::ErrorCode GroupTestBed::commit(const std::string& member_id, int32_t generation,
                                      int64_t offset, const std::string& metadata) {
  kafka::OffsetCommitRequest request;
  request.group_id = "readers";
  request.generation_id_or_member_epoch = generation;
  request.member_id = member_id;
  request.topics = {{"ticks", {{0, offset, -1, metadata}}}};
  std::optional<kafka::ErrorCode> error;
  coordinator->commit(request, [&](const kafka::OffsetCommitResponse& response) {
    error = response.topics.at(0).partitions.at(0).error_code;
  });
  log.flush();
  TICKLAKE_ASSERT(error.has_value());
  return *error;
}

int64_t GroupTestBed::committed() {
  kafka::OffsetFetchRequest request;
  request.group_id = "readers";
  request.topics.emplace().push_back({"ticks", {0}});
  return coordinator->fetch(request, 7).topics.at(0).partitions.at(0).committed_offset;
}

std::string GroupTestBed::stable_single() {
  std::string id = new_member_id();
  const Joined joined = join(id);
  TICKLAKE_ASSERT(*joined && (*joined)->generation_id == 1);
  const Synced synced = sync(id, 1, {{id, "all"}});
  log.flush();
  TICKLAKE_ASSERT(*synced && (*synced)->error_code == kafka::ErrorCode::kNone);
  return id;
}

std::pair<std::string, std::string> GroupTestBed::stable_pair() {
  const std::string leader = stable_single();
  const std::string other = new_member_id();
  const Joined other_joined = join(other);
  const Joined leader_joined = join(leader);
  TICKLAKE_ASSERT(*other_joined && *leader_joined && (*leader_joined)->leader == leader);
  const Synced other_synced = sync(other, 2);
  const Synced leader_synced = sync(leader, 2, {{leader, "one"}, {other, "two"}});
  log.flush();
  TICKLAKE_ASSERT(*leader_synced && *other_synced);
  return {leader, other};
}

}  // namespace ticklake::broker
