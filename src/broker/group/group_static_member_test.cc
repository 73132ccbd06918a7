#include <gtest/gtest.h>

#include "broker/group/group_test_bed.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using namespace std::chrono_literals;

kafka::JoinGroupRequest join_as(const GroupTestBed& bed, std::string instance_id) {
  kafka::JoinGroupRequest request = bed.join_request("");
  request.group_instance_id = std::move(instance_id);
  return request;
}

/// Two static members, stable in generation 2: ids of "desk-1", the leader, and "desk-2".
std::pair<std::string, std::string> stable_desks(GroupTestBed& bed) {
  const std::string first = (**bed.join(join_as(bed, "desk-1"))).member_id;
  bed.sync(first, 1, {{first, "all"}}, "desk-1");
  bed.log.flush();
  const Joined second = bed.join(join_as(bed, "desk-2"));
  auto again = join_as(bed, "desk-1");
  again.member_id = first;
  bed.join(again);
  const std::string second_id = (**second).member_id;
  bed.sync(second_id, 2, {}, "desk-2");
  bed.sync(first, 2, {{first, "one"}, {second_id, "two"}}, "desk-1");
  bed.log.flush();
  return {first, second_id};
}

TEST(StaticMembers, one_that_comes_back_keeps_its_assignment_without_a_rebalance) {
  GroupTestBed bed;
  const auto [first, second] = stable_desks(bed);
  const Joined back = bed.join(join_as(bed, "desk-2"));
  bed.log.flush();
  ASSERT_TRUE(*back);
  EXPECT_EQ((*back)->error_code, ErrorCode::kNone);
  EXPECT_EQ((*back)->generation_id, 2);
  EXPECT_NE((*back)->member_id, second);
  EXPECT_EQ(bed.heartbeat(first, 2, "desk-1"), ErrorCode::kNone) << "nobody else notices";
  const Synced synced = bed.sync((*back)->member_id, 2, {}, "desk-2");
  ASSERT_TRUE(*synced);
  EXPECT_EQ(base::as_text((*synced)->assignment), "two");
}

/// A subscription as consumers send it: version 0, the topics, no user data.
base::Bytes subscription_to(const std::vector<std::string>& topics) {
  base::ByteWriter writer;
  writer.big_endian<int16_t>(0);
  writer.big_endian(static_cast<int32_t>(topics.size()));
  for (const std::string& topic : topics) {
    writer.big_endian(static_cast<int16_t>(topic.size()));
    writer.append(base::as_bytes(topic));
  }
  writer.big_endian<int32_t>(-1);
  return writer.take();
}

TEST(StaticMembers, one_that_comes_back_for_other_topics_gets_an_assignment_of_those) {
  GroupTestBed bed;
  auto request = join_as(bed, "desk-1");
  request.protocols = {{"range", subscription_to({"orders"})}};
  const std::string first = (**bed.join(request)).member_id;
  bed.sync(first, 1, {{first, "orders"}}, "desk-1");
  bed.log.flush();

  const Joined same = bed.join(request);
  bed.log.flush();
  EXPECT_EQ((**same).generation_id, 1) << "the same topics: nothing to assign";
  request.protocols = {{"range", subscription_to({"orders", "trades"})}};
  const Joined other = bed.join(request);
  bed.log.flush();
  ASSERT_TRUE(*other);
  EXPECT_EQ((**other).error_code, ErrorCode::kNone);
  EXPECT_EQ((**other).generation_id, 2);
  EXPECT_EQ((**other).leader, (**other).member_id) << "it makes the assignment";
  EXPECT_FALSE((**other).skip_assignment);
}

TEST(StaticMembers, the_former_holder_of_the_instance_is_fenced) {
  GroupTestBed bed;
  const auto [first, second] = stable_desks(bed);
  bed.join(join_as(bed, "desk-2"));
  bed.log.flush();
  EXPECT_EQ(bed.heartbeat(second, 2, "desk-2"), ErrorCode::kFencedInstanceId);
  EXPECT_EQ((**bed.sync(second, 2, {}, "desk-2")).error_code, ErrorCode::kFencedInstanceId);
  auto zombie = join_as(bed, "desk-2");
  zombie.member_id = second;
  EXPECT_EQ((**bed.join(zombie)).error_code, ErrorCode::kFencedInstanceId);
}

TEST(StaticMembers, a_leader_that_comes_back_is_told_to_skip_the_assignment) {
  GroupTestBed bed;
  const auto [first, second] = stable_desks(bed);
  const Joined back = bed.join(join_as(bed, "desk-1"), 9);
  bed.log.flush();
  ASSERT_TRUE(*back);
  EXPECT_TRUE((*back)->skip_assignment);
  EXPECT_EQ((*back)->leader, (*back)->member_id);
  EXPECT_EQ((*back)->members.size(), 2u);
}

TEST(StaticMembers, an_old_client_that_comes_back_as_leader_does_not_hear_that_it_leads) {
  GroupTestBed bed;
  const auto [first, second] = stable_desks(bed);
  const Joined back = bed.join(join_as(bed, "desk-1"), 7);
  bed.log.flush();
  ASSERT_TRUE(*back);
  EXPECT_EQ((*back)->leader, first);
  EXPECT_TRUE((*back)->members.empty());
}

TEST(StaticMembers, one_that_stays_away_longer_than_its_session_is_dropped) {
  GroupTestBed bed;
  const auto [first, second] = stable_desks(bed);
  bed.advance(6s);
  EXPECT_EQ(bed.heartbeat(first, 2, "desk-1"), ErrorCode::kNone);
  bed.advance(4s);
  EXPECT_EQ(bed.heartbeat(first, 2, "desk-1"), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(bed.coordinator->find("readers")->find_static("desk-2"), nullptr);
}

TEST(StaticMembers, an_administrator_removes_one_by_its_instance_alone) {
  GroupTestBed bed;
  const auto [first, second] = stable_desks(bed);
  kafka::LeaveGroupRequest request;
  request.group_id = "readers";
  request.members = {{"", "desk-2", std::nullopt}, {"", "desk-3", std::nullopt}};
  const auto response = bed.coordinator->leave(request, 3);
  EXPECT_EQ(response.members.at(0).error_code, ErrorCode::kNone);
  EXPECT_EQ(response.members.at(1).error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(bed.coordinator->find("readers")->members.size(), 1u);
}

}  // namespace
}  // namespace ticklake::broker
