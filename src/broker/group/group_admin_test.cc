#include <gtest/gtest.h>

#include "broker/group/group_test_bed.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using namespace std::chrono_literals;

/// What a consumer sends of itself: version 0, one topic, no user data.
base::Bytes subscription(std::string_view topic) {
  base::ByteWriter to;
  to.big_endian(int16_t{0});
  to.big_endian(int32_t{1});
  to.big_endian(static_cast<int16_t>(topic.size()));
  to.append(base::as_bytes(topic));
  to.big_endian(int32_t{-1});
  return to.take();
}

/// One member that is stable and reads `topic`; its id.
std::string stable_reader_of(GroupTestBed& bed, std::string_view topic) {
  std::string id = bed.new_member_id();
  kafka::JoinGroupRequest request = bed.join_request(id);
  request.protocols = {{"range", subscription(topic)}};
  const Joined joined = bed.join(std::move(request));
  EXPECT_TRUE(*joined);
  bed.sync(id, 1, {{id, "all"}});
  bed.log.flush();
  return id;
}

kafka::DescribeGroupsResponse::Group describe(GroupTestBed& bed, const std::string& group) {
  kafka::DescribeGroupsRequest request;
  request.groups = {group};
  return bed.coordinator->describe(request).groups.at(0);
}

std::vector<std::string> list(GroupTestBed& bed, const kafka::ListGroupsRequest& request) {
  std::vector<std::string> names;
  for (const auto& group : bed.coordinator->list(request).groups) {
    EXPECT_EQ(group.group_type, "classic");
    names.push_back(group.group_id + ":" + group.group_state);
  }
  return names;
}

std::vector<ErrorCode> remove(GroupTestBed& bed, std::vector<std::string> names) {
  std::vector<ErrorCode> errors;
  bed.coordinator->remove({std::move(names)}, [&](const kafka::DeleteGroupsResponse& response) {
    for (const auto& result : response.results)
      errors.push_back(result.error_code);
  });
  bed.log.flush();
  return errors;
}

/// The error of the whole, or that of partition 0 of the topic.
ErrorCode delete_offset(GroupTestBed& bed, const std::string& topic) {
  ErrorCode error = ErrorCode::kUnknownServerError;
  bed.coordinator->delete_offsets({"readers", {{topic, {{0}}}}},
                                  [&](const kafka::OffsetDeleteResponse& response) {
                                    error = response.error_code;
                                    if (error == ErrorCode::kNone) {
                                      error = response.topics.at(0).partitions.at(0).error_code;
                                    }
                                  });
  bed.log.flush();
  return error;
}

TEST(GroupAdministration, a_stable_group_is_described_with_what_its_members_read_and_have) {
  GroupTestBed bed;
  const std::string id = stable_reader_of(bed, "ticks");
  const auto group = describe(bed, "readers");
  EXPECT_EQ(group.error_code, ErrorCode::kNone);
  EXPECT_EQ(group.group_state, "Stable");
  EXPECT_EQ(group.protocol_type, "consumer");
  EXPECT_EQ(group.protocol_data, "range");
  ASSERT_EQ(group.members.size(), 1u);
  EXPECT_EQ(group.members[0].member_id, id);
  EXPECT_EQ(group.members[0].client_id, "app");
  EXPECT_EQ(group.members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(group.members[0].member_metadata, subscription("ticks"));
  EXPECT_EQ(base::as_text(group.members[0].member_assignment), "all");
}

TEST(GroupAdministration, of_a_group_that_rebalances_only_the_members_are_told) {
  GroupTestBed bed;
  stable_reader_of(bed, "ticks");
  bed.join(bed.new_member_id());
  const auto group = describe(bed, "readers");
  EXPECT_EQ(group.group_state, "PreparingRebalance");
  EXPECT_EQ(group.protocol_data, "");
  ASSERT_EQ(group.members.size(), 2u);
  EXPECT_TRUE(group.members[0].member_metadata.empty());
  EXPECT_TRUE(group.members[0].member_assignment.empty());
}

TEST(GroupAdministration, a_group_that_nobody_knows_is_dead_and_no_error) {
  GroupTestBed bed;
  const auto group = describe(bed, "nobody");
  EXPECT_EQ(group.error_code, ErrorCode::kNone);
  EXPECT_EQ(group.group_state, "Dead");
}

TEST(GroupAdministration, groups_are_listed_by_state_and_type) {
  GroupTestBed bed;
  const std::string id = stable_reader_of(bed, "ticks");
  const std::vector<std::string> stable{"readers:Stable"};
  EXPECT_EQ(list(bed, {}), stable);
  EXPECT_EQ(list(bed, {{"stable", "Empty"}, {}}), stable);
  EXPECT_EQ(list(bed, {{}, {"Classic"}}), stable);
  EXPECT_TRUE(list(bed, {{"Empty"}, {}}).empty());
  EXPECT_TRUE(list(bed, {{}, {"consumer"}}).empty());
  bed.leave(id);
  EXPECT_EQ(list(bed, {{"Empty"}, {}}), std::vector<std::string>{"readers:Empty"});
}

TEST(GroupAdministration, an_empty_group_goes_with_its_offsets_and_stays_away) {
  GroupTestBed bed;
  const std::string id = stable_reader_of(bed, "ticks");
  EXPECT_EQ(bed.commit(id, 1, 42), ErrorCode::kNone);
  EXPECT_EQ(remove(bed, {"readers", "nobody"}),
            (std::vector{ErrorCode::kNonEmptyGroup, ErrorCode::kGroupIdNotFound}));
  bed.leave(id);
  EXPECT_EQ(bed.committed(), 42);
  EXPECT_EQ(remove(bed, {"readers"}), std::vector{ErrorCode::kNone});
  EXPECT_EQ(bed.coordinator->find("readers"), nullptr);
  bed.restart();
  EXPECT_EQ(bed.coordinator->find("readers"), nullptr);
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupAdministration, a_group_whose_removal_cannot_be_kept_stays) {
  GroupTestBed bed;
  bed.commit("", -1, 42);
  bed.log.is_failing = true;
  EXPECT_EQ(remove(bed, {"readers"}), std::vector{ErrorCode::kCoordinatorNotAvailable});
  EXPECT_EQ(bed.committed(), 42);
}

TEST(GroupAdministration, who_joins_while_a_group_is_removed_is_in_a_group_without_offsets) {
  GroupTestBed bed;
  bed.commit("", -1, 42);
  std::vector<ErrorCode> errors;
  bed.coordinator->remove({{"readers"}}, [&](const kafka::DeleteGroupsResponse& response) {
    errors.push_back(response.results.at(0).error_code);
  });
  const std::string id = bed.new_member_id();
  bed.join(id);
  bed.log.flush();
  EXPECT_EQ(errors, std::vector{ErrorCode::kNone});
  ASSERT_NE(bed.coordinator->find("readers"), nullptr);
  EXPECT_NE(bed.coordinator->find("readers")->find(id), nullptr);
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupAdministration, offsets_are_deleted_only_of_topics_that_nobody_reads) {
  GroupTestBed bed;
  EXPECT_EQ(delete_offset(bed, "ticks"), ErrorCode::kGroupIdNotFound);
  const std::string id = stable_reader_of(bed, "ticks");
  EXPECT_EQ(bed.commit(id, 1, 42), ErrorCode::kNone);
  EXPECT_EQ(delete_offset(bed, "ticks"), ErrorCode::kGroupSubscribedToTopic);
  EXPECT_EQ(delete_offset(bed, "others"), ErrorCode::kNone);
  EXPECT_EQ(bed.committed(), 42);
  bed.leave(id);
  EXPECT_EQ(delete_offset(bed, "ticks"), ErrorCode::kNone);
  EXPECT_EQ(bed.committed(), -1);
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupAdministration, offsets_of_members_that_are_no_consumers_are_theirs_alone) {
  GroupTestBed bed;
  kafka::JoinGroupRequest request = bed.join_request(bed.new_member_id());
  request.protocol_type = "connect";
  bed.join(std::move(request));
  EXPECT_EQ(delete_offset(bed, "ticks"), ErrorCode::kNonEmptyGroup);
}

TEST(GroupAdministration, a_group_at_work_keeps_the_offsets_of_what_it_reads_for_ever) {
  GroupTestBed bed;
  const std::string id = stable_reader_of(bed, "ticks");
  EXPECT_EQ(bed.commit(id, 1, 42), ErrorCode::kNone);
  const auto live_for = [&](std::chrono::hours duration) {
    for (auto left = std::chrono::milliseconds(duration); left.count() > 0; left -= 9s) {
      bed.clock.advance(9s);
      EXPECT_EQ(bed.heartbeat(id, 1), ErrorCode::kNone);
    }
    bed.advance(0ms);
  };
  live_for(8 * 24h);
  EXPECT_EQ(bed.committed(), 42);
}

}  // namespace
}  // namespace ticklake::broker
