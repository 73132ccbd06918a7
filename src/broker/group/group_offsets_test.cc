#include <gtest/gtest.h>

#include "broker/group/group_test_bed.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using namespace std::chrono_literals;

TEST(GroupOffsets, a_commit_is_answered_and_seen_once_it_is_durable) {
  GroupTestBed bed;
  const std::string id = bed.stable_single();
  kafka::OffsetCommitRequest request;
  request.group_id = "readers";
  request.generation_id_or_member_epoch = 1;
  request.member_id = id;
  request.topics = {{"ticks", {{0, 42, 3, "note"}}}};
  bool is_answered = false;
  bed.coordinator->commit(request, [&](const auto&) { is_answered = true; });
  EXPECT_FALSE(is_answered);
  EXPECT_EQ(bed.committed(), -1);
  bed.log.flush();
  EXPECT_TRUE(is_answered);
  EXPECT_EQ(bed.committed(), 42);
}

TEST(GroupOffsets, a_commit_that_cannot_be_kept_is_refused_and_not_seen) {
  GroupTestBed bed;
  const std::string id = bed.stable_single();
  bed.log.is_failing = true;
  EXPECT_EQ(bed.commit(id, 1, 42), ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupOffsets, metadata_of_4096_bytes_comes_back_as_it_was_and_one_more_is_refused) {
  GroupTestBed bed;
  const std::string metadata(4096, 'm');
  EXPECT_EQ(bed.commit("", -1, 7, metadata), ErrorCode::kNone);
  EXPECT_EQ(bed.commit("", -1, 8, metadata + "m"), ErrorCode::kOffsetMetadataTooLarge);
  kafka::OffsetFetchRequest request;
  request.groups.resize(1);
  request.groups[0].group_id = "readers";
  const auto response = bed.coordinator->fetch(request, 8);
  const auto& partition = response.groups.at(0).topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.committed_offset, 7);
  EXPECT_EQ(partition.metadata, metadata);
}

TEST(GroupOffsets, a_program_without_membership_commits_only_while_the_group_is_empty) {
  GroupTestBed bed;
  EXPECT_EQ(bed.commit("", -1, 7), ErrorCode::kNone);
  EXPECT_EQ(bed.commit("", 3, 7), ErrorCode::kUnknownMemberId);
  bed.stable_single();
  EXPECT_EQ(bed.commit("", -1, 8), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(bed.committed(), 7);
}

TEST(GroupOffsets, a_member_commits_while_others_join_but_not_before_its_assignment) {
  GroupTestBed bed;
  const std::string leader = bed.stable_single();
  const std::string other = bed.new_member_id();
  bed.join(other);
  EXPECT_EQ(bed.commit(leader, 1, 5), ErrorCode::kNone);
  bed.join(leader);
  EXPECT_EQ(bed.commit(leader, 2, 6), ErrorCode::kRebalanceInProgress);
}

TEST(GroupOffsets, a_group_that_nobody_knows_has_no_offsets_and_no_error) {
  GroupTestBed bed;
  EXPECT_EQ(bed.committed(), -1);
  EXPECT_EQ(bed.commit("", 1, 5), ErrorCode::kIllegalGeneration);
}

TEST(GroupOffsets, they_go_seven_days_after_the_group_emptied) {
  GroupTestBed bed;
  const std::string id = bed.stable_single();
  EXPECT_EQ(bed.commit(id, 1, 42), ErrorCode::kNone);
  for (int day = 0; day < 10; ++day) {
    bed.advance(24h);  // the member expires, and with it the group
    EXPECT_TRUE(day > 0 || bed.coordinator->find("readers")->state == GroupState::kEmpty);
    EXPECT_EQ(bed.committed(), day < 7 ? 42 : -1) << day;
  }
  EXPECT_EQ(bed.coordinator->find("readers"), nullptr);
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupOffsets, they_go_with_their_topic) {
  GroupTestBed bed;
  bed.commit("", -1, 42);
  bed.coordinator->forget_topic("ticks");
  bed.log.flush();
  EXPECT_EQ(bed.committed(), -1);
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

/// Of ("ticks", 0), by nobody in particular; it is on its way to the disk.
void commit_without_flush(GroupTestBed& bed, int64_t offset) {
  kafka::OffsetCommitRequest request;
  request.group_id = "readers";
  request.topics.push_back({"ticks", {{0, offset, -1, ""}}});
  bed.coordinator->commit(request, [](const auto&) {});
}

TEST(GroupOffsets, they_are_buried_before_their_topic_is_deleted) {
  GroupTestBed bed;
  bed.commit("", -1, 42);
  std::optional<bool> is_buried;
  bed.coordinator->bury_offsets("ticks", [&](const auto& result) { is_buried = bool(result); });
  EXPECT_EQ(is_buried, std::nullopt);
  bed.log.flush();
  EXPECT_EQ(is_buried, true);
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupOffsets, a_commit_on_its_way_is_buried_too) {
  GroupTestBed bed;
  commit_without_flush(bed, 42);
  bed.coordinator->bury_offsets("ticks", [](const auto& result) { EXPECT_TRUE(result); });
  bed.log.flush();
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupOffsets, a_commit_on_its_way_does_not_count_once_the_topic_is_deleted) {
  GroupTestBed bed;
  commit_without_flush(bed, 42);
  bed.coordinator->forget_topic("ticks");
  bed.log.flush();
  EXPECT_EQ(bed.committed(), -1);
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupOffsets, a_commit_on_its_way_goes_with_its_group) {
  GroupTestBed bed;
  bed.commit("", -1, 41);
  commit_without_flush(bed, 42);
  bed.coordinator->remove({{"readers"}}, [](const auto&) {});
  bed.log.flush();
  EXPECT_EQ(bed.committed(), -1);
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupOffsets, a_commit_that_came_after_the_removal_of_its_group_stays) {
  GroupTestBed bed;
  bed.commit("", -1, 41);
  bed.coordinator->remove({{"readers"}}, [](const auto&) {});
  commit_without_flush(bed, 42);
  bed.log.flush();
  EXPECT_EQ(bed.committed(), 42);
  bed.restart();
  EXPECT_EQ(bed.committed(), 42);
}

TEST(GroupOffsets, a_disk_that_does_not_bury_them_is_told_of) {
  GroupTestBed bed;
  bed.commit("", -1, 42);
  bed.log.is_failing = true;
  bool is_buried = true;
  bed.coordinator->bury_offsets("ticks", [&](const auto& result) { is_buried = bool(result); });
  bed.log.flush();
  EXPECT_FALSE(is_buried);
  EXPECT_EQ(bed.committed(), 42);
}

/// A TxnOffsetCommit of producer 7 for ("ticks", 0); flushes.
ErrorCode commit_in_transaction(GroupTestBed& bed, int64_t offset, const std::string& member = "",
                                int32_t generation = -1, int16_t epoch = 0) {
  kafka::OffsetCommitRequest request;
  request.group_id = "readers";
  request.member_id = member;
  request.generation_id_or_member_epoch = generation;
  request.topics = {{"ticks", {{0, offset, -1, ""}}}};
  ErrorCode error = ErrorCode::kUnknownServerError;
  bed.coordinator->commit_in_transaction({7, epoch}, request, [&](const auto& response) {
    error = response.topics[0].partitions[0].error_code;
  });
  bed.log.flush();
  return error;
}

/// What a reader gets that asks for stable offsets.
kafka::OffsetFetchResponse::Partition stable(GroupTestBed& bed) {
  kafka::OffsetFetchRequest request;
  request.group_id = "readers";
  request.topics.emplace().push_back({"ticks", {0}});
  request.require_stable = true;
  return bed.coordinator->fetch(request, 7).topics.at(0).partitions.at(0);
}

/// As the marker writer does it: into the log, then to the coordinator.
void end_transaction(GroupTestBed& bed, bool is_commit) {
  bed.log.append_marker(7, is_commit);
  bed.coordinator->end_transaction(7, is_commit);
}

TEST(GroupTransactions, offsets_count_when_the_transaction_is_committed_and_are_unstable_before) {
  for (const bool is_restarted : {false, true}) {
    GroupTestBed bed;
    bed.commit("", -1, 41);
    EXPECT_EQ(commit_in_transaction(bed, 42), ErrorCode::kNone);
    if (is_restarted) bed.restart();
    EXPECT_EQ(bed.committed(), 41);
    EXPECT_EQ(stable(bed).error_code, ErrorCode::kUnstableOffsetCommit);
    EXPECT_EQ(stable(bed).committed_offset, -1);
    end_transaction(bed, true);
    if (is_restarted) bed.restart();
    EXPECT_EQ(stable(bed).error_code, ErrorCode::kNone);
    EXPECT_EQ(stable(bed).committed_offset, 42);
  }
}

TEST(GroupTransactions, offsets_of_an_aborted_transaction_never_count) {
  for (const bool is_restarted : {false, true}) {
    GroupTestBed bed;
    bed.commit("", -1, 41);
    commit_in_transaction(bed, 42);
    end_transaction(bed, false);
    if (is_restarted) bed.restart();
    EXPECT_EQ(stable(bed).error_code, ErrorCode::kNone);
    EXPECT_EQ(bed.committed(), 41);
  }
}

TEST(GroupTransactions, a_later_commit_outside_of_the_transaction_stays) {
  for (const bool is_restarted : {false, true}) {
    GroupTestBed bed;
    commit_in_transaction(bed, 42);
    bed.commit("", -1, 50);
    end_transaction(bed, true);
    if (is_restarted) bed.restart();
    EXPECT_EQ(bed.committed(), 50);
  }
}

TEST(GroupTransactions, members_are_checked_where_the_producer_names_one) {
  GroupTestBed bed;
  const std::string id = bed.stable_single();
  EXPECT_EQ(commit_in_transaction(bed, 42, id, 2), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(commit_in_transaction(bed, 42, "stranger", 1), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(stable(bed).error_code, ErrorCode::kNone) << "nothing is pending";
  EXPECT_EQ(commit_in_transaction(bed, 42, id, 1), ErrorCode::kNone);
  EXPECT_EQ(commit_in_transaction(bed, 42), ErrorCode::kNone) << "clients of before version 3";
}

TEST(GroupTransactions, what_is_refused_or_cannot_be_kept_is_not_pending) {
  GroupTestBed bed;
  bed.log.fenced_below = 1;
  EXPECT_EQ(commit_in_transaction(bed, 42), ErrorCode::kInvalidProducerEpoch);
  bed.log.is_failing = true;
  EXPECT_EQ(commit_in_transaction(bed, 42, "", -1, 1), ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(stable(bed).error_code, ErrorCode::kNone);
  bed.coordinator->end_transaction(7, true);
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupTransactions, a_group_with_pending_offsets_does_not_expire) {
  GroupTestBed bed;
  bed.commit("", -1, 41);
  commit_in_transaction(bed, 42);
  bed.advance(8 * 24h);
  EXPECT_EQ(bed.committed(), 41);
  end_transaction(bed, true);
  EXPECT_EQ(bed.committed(), 42);
}

TEST(GroupTransactions, pending_offsets_go_with_their_topic_for_good) {
  GroupTestBed bed;
  commit_in_transaction(bed, 42);
  bed.coordinator->forget_topic("ticks");
  bed.log.flush();
  end_transaction(bed, true);
  EXPECT_EQ(bed.committed(), -1);
  bed.restart();
  EXPECT_EQ(bed.committed(), -1);
}

TEST(GroupRecovery, offsets_members_and_assignments_are_back_after_a_crash) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  EXPECT_EQ(bed.commit(other, 2, 42), ErrorCode::kNone);
  bed.restart();
  EXPECT_EQ(bed.committed(), 42);
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kNone);
  const Synced synced = bed.sync(other, 2);
  ASSERT_TRUE(*synced);
  EXPECT_EQ(base::as_text((*synced)->assignment), "two");
  EXPECT_EQ(bed.commit(other, 2, 43), ErrorCode::kNone);
}

TEST(GroupRecovery, members_that_are_gone_after_a_restart_expire) {
  GroupTestBed bed;
  const auto [leader, other] = bed.stable_pair();
  bed.restart();
  bed.advance(9s);
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kNone);
  bed.advance(1s);
  EXPECT_EQ(bed.heartbeat(leader, 2), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(bed.coordinator->find("readers")->members.size(), 1u);
}

TEST(GroupRecovery, a_commit_that_was_not_durable_is_not_there) {
  GroupTestBed bed;
  EXPECT_EQ(bed.commit("", -1, 41), ErrorCode::kNone);
  kafka::OffsetCommitRequest request;
  request.group_id = "readers";
  request.topics = {{"ticks", {{0, 42, -1, ""}}}};
  bed.coordinator->commit(request, [](const auto&) { FAIL() << "answered before it was kept"; });
  bed.log.lose_unflushed();
  bed.restart();
  EXPECT_EQ(bed.committed(), 41);
}

TEST(GroupRecovery, a_group_that_emptied_is_empty_and_counts_its_generations_on) {
  GroupTestBed bed;
  const std::string id = bed.stable_single();
  EXPECT_EQ(bed.commit(id, 1, 42), ErrorCode::kNone);
  EXPECT_EQ(bed.leave(id), ErrorCode::kNone);
  bed.restart();
  EXPECT_EQ(bed.coordinator->find("readers")->state, GroupState::kEmpty);
  const Joined joined = bed.join(bed.new_member_id());
  ASSERT_TRUE(*joined);
  EXPECT_EQ((*joined)->generation_id, 3);
  EXPECT_EQ(bed.committed(), 42);
}

TEST(GroupRecords, the_bytes_are_those_of_kafka) {
  const OffsetsRecord record = offset_record({"g", "t", 1}, {5, 2, "m", 9});
  const std::string key("\0\1\0\1g\0\1t\0\0\0\1", 12);
  const std::string value("\0\3\0\0\0\0\0\0\0\5\0\0\0\2\0\1m\0\0\0\0\0\0\0\11", 25);
  EXPECT_EQ(base::as_text(record.key), key);
  EXPECT_EQ(base::as_text(*record.value), value);
}

TEST(GroupRecords, older_versions_are_read_and_cut_ones_refused) {
  const std::string version_1("\0\1\0\0\0\0\0\0\0\5\0\1m\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\12", 29);
  const auto value = parse_offset_value(base::as_bytes(version_1));
  ASSERT_TRUE(value);
  EXPECT_EQ(value->offset, 5);
  EXPECT_EQ(value->metadata, "m");
  EXPECT_EQ(value->commit_time_ms, 9);
  for (size_t size = 0; size < version_1.size(); ++size) {
    EXPECT_FALSE(parse_offset_value(base::as_bytes(version_1).first(size))) << size;
  }
}

}  // namespace
}  // namespace ticklake::broker
