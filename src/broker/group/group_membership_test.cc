#include <gtest/gtest.h>

#include "broker/group/group_test_bed.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using namespace std::chrono_literals;

std::string text(const base::Bytes& bytes) { return std::string(base::as_text(bytes)); }

TEST(Groups, a_new_member_is_given_an_id_before_it_counts) {
  GroupTestBed bed;
  const std::string id = bed.new_member_id();
  EXPECT_TRUE(id.starts_with("app-"));
  EXPECT_TRUE(bed.coordinator->find("readers")->members.empty());
  const Joined joined = bed.join(id);
  ASSERT_TRUE(*joined);
  EXPECT_EQ((*joined)->error_code, ErrorCode::kNone);
  EXPECT_EQ((*joined)->leader, id);
  EXPECT_EQ((*joined)->protocol_name, "range");
  ASSERT_EQ((*joined)->members.size(), 1u);
  EXPECT_EQ(text((*joined)->members[0].metadata), "ticks");
}

TEST(Groups, a_client_before_version_4_joins_without_an_id) {
  GroupTestBed bed;
  const Joined joined = bed.join(bed.join_request(""), 3);
  ASSERT_TRUE(*joined);
  EXPECT_EQ((*joined)->error_code, ErrorCode::kNone);
  EXPECT_EQ((*joined)->generation_id, 1);
}

TEST(Groups, two_members_get_what_the_leader_assigns_once_it_is_durable) {
  GroupTestBed bed;
  const std::string leader = bed.stable_single();
  const std::string other = bed.new_member_id();
  const Joined other_joined = bed.join(other);
  EXPECT_FALSE(*other_joined) << "the first member has not joined again yet";
  EXPECT_EQ(bed.heartbeat(leader, 1), ErrorCode::kRebalanceInProgress);
  const Joined leader_joined = bed.join(leader);
  ASSERT_TRUE(*other_joined && *leader_joined);
  EXPECT_EQ((*leader_joined)->generation_id, 2);
  EXPECT_EQ((*leader_joined)->members.size(), 2u);
  EXPECT_TRUE((*other_joined)->members.empty()) << "only the leader needs to know";

  const Synced other_synced = bed.sync(other, 2);
  const Synced leader_synced = bed.sync(leader, 2, {{leader, "one"}, {other, "two"}});
  EXPECT_FALSE(*other_synced || *leader_synced) << "not on disk yet";
  bed.log.flush();
  ASSERT_TRUE(*other_synced && *leader_synced);
  EXPECT_EQ(text((*leader_synced)->assignment), "one");
  EXPECT_EQ(text((*other_synced)->assignment), "two");
  EXPECT_EQ(bed.heartbeat(other, 2), ErrorCode::kNone);
}

TEST(Groups, an_assignment_that_cannot_be_kept_is_not_given_out) {
  GroupTestBed bed;
  const std::string id = bed.new_member_id();
  bed.join(id);
  bed.log.is_failing = true;
  const Synced synced = bed.sync(id, 1, {{id, "all"}});
  bed.log.flush();
  ASSERT_TRUE(*synced);
  EXPECT_EQ((*synced)->error_code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(bed.heartbeat(id, 1), ErrorCode::kRebalanceInProgress);
}

TEST(Groups, when_the_leader_leaves_another_member_leads_the_next_generation) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  EXPECT_EQ(bed.leave(leader), ErrorCode::kNone);
  EXPECT_EQ(bed.heartbeat(other, 2), ErrorCode::kRebalanceInProgress);
  const Joined joined = bed.join(other);
  ASSERT_TRUE(*joined);
  EXPECT_EQ((*joined)->leader, other);
  EXPECT_EQ((*joined)->generation_id, 3);
  EXPECT_EQ((*joined)->members.size(), 1u);
}

TEST(Groups, a_member_that_falls_silent_is_dropped_after_its_session) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  bed.advance(9999ms);
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kNone);
  bed.advance(1ms);
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(bed.heartbeat(other, 2), ErrorCode::kUnknownMemberId);
}

TEST(Groups, a_member_that_does_not_join_again_is_dropped_after_the_rebalance_time_out) {
  GroupTestBed bed;
  auto patient = bed.join_request(bed.new_member_id());
  patient.session_timeout_ms = 300'000;
  const std::string first = patient.member_id;
  bed.join(patient);
  bed.sync(first, 1, {{first, "all"}});
  bed.log.flush();
  const Joined second = bed.join(bed.new_member_id());
  bed.advance(59'999ms);
  EXPECT_FALSE(*second);
  bed.advance(1ms);
  ASSERT_TRUE(*second);
  EXPECT_EQ((*second)->leader, (*second)->member_id);
  EXPECT_EQ((*second)->members.size(), 1u);
  EXPECT_EQ(bed.heartbeat(first, 1), ErrorCode::kUnknownMemberId);
}

TEST(Groups, a_member_that_never_asks_for_its_assignment_is_dropped) {
  GroupTestBed bed;
  const std::string leader = bed.stable_single();
  auto patient = bed.join_request(bed.new_member_id());
  patient.session_timeout_ms = 300'000;
  bed.join(patient);
  bed.join(leader);
  bed.sync(leader, 2, {{leader, "one"}});
  bed.log.flush();
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kNone) << i;
    bed.advance(5s);
  }
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(bed.heartbeat(patient.member_id, 2), ErrorCode::kUnknownMemberId);
}

TEST(Groups, a_leader_that_joins_again_rebalances_and_an_unchanged_follower_does_not) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  const Joined follower = bed.join(other);
  ASSERT_TRUE(*follower);
  EXPECT_EQ((*follower)->generation_id, 2);
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kNone);
  const Joined again = bed.join(leader);
  EXPECT_FALSE(*again);
  EXPECT_EQ(bed.heartbeat(other, 2), ErrorCode::kRebalanceInProgress);
}

TEST(Groups, a_follower_that_reads_other_topics_rebalances) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  auto request = bed.join_request(other);
  request.protocols[0].metadata.push_back(std::byte{1});
  EXPECT_FALSE(*bed.join(request));
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kRebalanceInProgress);
}

TEST(Groups, the_protocol_that_all_support_and_most_prefer_is_chosen) {
  GroupTestBed bed;
  auto first = bed.join_request("");
  first.protocols = {{"range", {}}, {"sticky", {}}};
  const Joined first_joined = bed.join(first, 3);
  const std::string first_id = (*first_joined)->member_id;
  auto second = bed.join_request("");
  second.protocols = {{"fancy", {}}, {"sticky", {}}, {"range", {}}};
  auto third = second;
  bed.join(second, 3);
  bed.join(third, 3);
  first.member_id = first_id;
  const Joined again = bed.join(first);
  ASSERT_TRUE(*again);
  EXPECT_EQ((*again)->protocol_name, "sticky");
  EXPECT_EQ((*again)->members.size(), 3u);

  auto stranger = bed.join_request("");
  stranger.protocols = {{"fancy", {}}};
  EXPECT_EQ((*bed.join(stranger))->error_code, ErrorCode::kInconsistentGroupProtocol);
  stranger.protocols = first.protocols;
  stranger.protocol_type = "connect";
  EXPECT_EQ((*bed.join(stranger))->error_code, ErrorCode::kInconsistentGroupProtocol);
}

TEST(Groups, members_of_another_generation_and_strangers_are_fenced) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  EXPECT_EQ(bed.heartbeat(other, 1), ErrorCode::kIllegalGeneration);
  EXPECT_EQ((**bed.sync(other, 1)).error_code, ErrorCode::kIllegalGeneration);
  EXPECT_EQ(bed.commit(other, 1, 5), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(bed.heartbeat("nobody", 2), ErrorCode::kUnknownMemberId);
  EXPECT_EQ((**bed.join("nobody")).error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(bed.leave("nobody"), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(bed.commit("nobody", 2, 5), ErrorCode::kUnknownMemberId);
}

TEST(Groups, limits_are_kept) {
  GroupSettings settings;
  settings.members_max = 1;
  GroupTestBed bed(settings);
  auto request = bed.join_request("");
  request.session_timeout_ms = 5999;
  EXPECT_EQ((**bed.join(request)).error_code, ErrorCode::kInvalidSessionTimeout);
  request.session_timeout_ms = 30 * 60 * 1000 + 1;
  EXPECT_EQ((**bed.join(request)).error_code, ErrorCode::kInvalidSessionTimeout);
  bed.stable_single();
  EXPECT_EQ((**bed.join("")).error_code, ErrorCode::kGroupMaxSizeReached);
  request.group_id = "";
  EXPECT_EQ((**bed.join(request)).error_code, ErrorCode::kInvalidGroupId);
}

TEST(Groups, an_empty_group_waits_for_more_members_if_told_to) {
  GroupSettings settings;
  settings.initial_rebalance_delay = 3s;
  GroupTestBed bed(settings);
  const Joined first = bed.join(bed.join_request(""), 3);
  bed.advance(2s);
  const Joined second = bed.join(bed.join_request(""), 3);
  bed.advance(1s);
  EXPECT_FALSE(*first) << "somebody came, so it waits once more";
  bed.advance(3s);
  ASSERT_TRUE(*first && *second);
  EXPECT_EQ((*first)->generation_id, 1);
  EXPECT_EQ((*second)->generation_id, 1);
}

TEST(Groups, an_id_that_was_handed_out_and_not_used_does_not_hold_up_the_others_for_long) {
  GroupTestBed bed;
  const std::string leader = bed.stable_single();
  const Joined joining = bed.join(bed.new_member_id());
  bed.new_member_id();
  const Joined leading = bed.join(leader);
  EXPECT_FALSE(*leading);
  bed.advance(10s);
  EXPECT_TRUE(*leading && *joining);
}

TEST(Groups, leaving_members_are_answered_one_by_one) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  kafka::LeaveGroupRequest request;
  request.group_id = "readers";
  request.members = {{leader, std::nullopt, std::nullopt},
                     {"nobody", std::nullopt, std::nullopt},
                     {other, std::nullopt, std::nullopt}};
  const auto response = bed.coordinator->leave(request, 4);
  ASSERT_EQ(response.members.size(), 3u);
  EXPECT_EQ(response.members[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(response.members[1].error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(response.members[2].error_code, ErrorCode::kNone);
  EXPECT_EQ(bed.coordinator->find("readers")->state, GroupState::kEmpty);
}

TEST(Groups, a_rebalance_time_out_of_zero_does_not_hang_the_broker) {
  GroupTestBed bed;
  auto request = bed.join_request("");
  request.group_instance_id = "desk-1";
  request.rebalance_timeout_ms = 0;
  const Joined first = bed.join(request);
  const std::string id = (**first).member_id;
  bed.sync(id, 1, {{id, "all"}}, "desk-1");
  bed.log.flush();
  auto second = bed.join_request("");
  second.group_instance_id = "desk-2";
  second.rebalance_timeout_ms = 0;
  const Joined joined = bed.join(second);
  bed.advance(20ms);
  EXPECT_TRUE(*joined);
}

}  // namespace
}  // namespace ticklake::broker
