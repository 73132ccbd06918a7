#include <gtest/gtest.h>

#include "broker/broker_test_bed.h"
#include "broker/handlers/answers.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;

ErrorCode grow(BrokerTestBed& bed, const std::string& topic, int32_t count,
               bool validate_only = false) {
  kafka::CreatePartitionsRequest request;
  request.topics.push_back({topic, count, std::nullopt});
  request.validate_only = validate_only;
  return answer(*bed.broker, Access::unrestricted(), request).results.at(0).error_code;
}

kafka::DeleteRecordsResponse::Topic::Partition delete_records(BrokerTestBed& bed, int64_t offset,
                                                              int32_t partition = 0) {
  kafka::DeleteRecordsRequest request;
  request.topics.push_back({"trades", {{partition, offset}}});
  return answer(*bed.broker, Access::unrestricted(), request).topics.at(0).partitions.at(0);
}

TEST(CreatePartitions, new_partitions_take_records_and_are_there_after_a_crash) {
  BrokerTestBed bed;
  bed.make_topic("trades", 1, {{"max.message.bytes", "500"}});
  bed.append("trades", {});
  EXPECT_EQ(grow(bed, "trades", 3, true), ErrorCode::kNone);
  EXPECT_EQ(bed.logs->find("trades")->partitions.size(), 1u);
  EXPECT_EQ(grow(bed, "trades", 3), ErrorCode::kNone);
  EXPECT_EQ(bed.log("trades", 2).settings().batch_bytes_max, 500);
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.logs->find("trades")->partitions.size(), 3u);
  EXPECT_EQ(bed.log("trades", 0).end_offset(), 1);
}

TEST(CreatePartitions, there_is_no_way_back_and_no_way_without_a_topic) {
  BrokerTestBed bed;
  bed.make_topic("trades", 2);
  EXPECT_EQ(grow(bed, "trades", 2), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(grow(bed, "trades", 1), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(grow(bed, "trades", kPartitionsMax + 1), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(grow(bed, "none", 3), ErrorCode::kUnknownTopicOrPartition);
  kafka::CreatePartitionsRequest request;
  request.topics.push_back({"trades", 4, {{{{1}}}}});
  EXPECT_EQ(answer(*bed.broker, Access::unrestricted(), request).results.at(0).error_code,
            ErrorCode::kInvalidReplicaAssignment);
  request.topics.push_back(request.topics[0]);
  EXPECT_EQ(answer(*bed.broker, Access::unrestricted(), request).results.at(0).error_code,
            ErrorCode::kInvalidRequest);
}

TEST(DeleteRecords, the_start_moves_and_stays_there_over_a_crash) {
  BrokerTestBed bed;
  bed.make_topic("trades");
  for (int i = 0; i < 10; ++i)
    bed.append("trades", {});
  EXPECT_EQ(delete_records(bed, 4).low_watermark, 4);
  EXPECT_EQ(delete_records(bed, 2).low_watermark, 4);
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.log("trades").start_offset(), 4);
  EXPECT_EQ(bed.log("trades").read(3, 10, 1000, true).error().code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(delete_records(bed, -1).low_watermark, 10);
  EXPECT_EQ(bed.append("trades", {}), 10);
}

TEST(DeleteRecords, an_offset_that_was_deleted_is_not_given_again_though_the_log_lost_its_end) {
  BrokerTestBed bed;
  bed.make_topic("trades");
  for (int i = 0; i < 10; ++i)
    bed.append("trades", {});
  EXPECT_EQ(delete_records(bed, 8).low_watermark, 8);
  bed.crash();
  // What had not been synced is gone with the power.
  auto file = bed.files.open(Segment::path(bed.folder.path() / "broker" / "trades-0", 0, ".log"),
                             base::OpenMode::kCreate);
  ASSERT_TRUE(file && (*file)->truncate(0));
  bed.start();
  EXPECT_EQ(bed.log("trades").start_offset(), 8);
  EXPECT_EQ(bed.append("trades", {}), 8);
}

TEST(DeleteRecords, whole_segments_of_it_go) {
  BrokerTestBed bed;
  bed.make_topic("trades", 1, {{"segment.bytes", "200"}, {"retention.ms", "-1"}});
  for (int i = 0; i < 10; ++i)
    bed.append("trades", {.value_bytes = 100});
  bed.sync();
  const uint64_t bytes = bed.log("trades").size_bytes();
  EXPECT_EQ(delete_records(bed, 5).low_watermark, 5);
  EXPECT_TRUE(bed.broker->take_retention_request());
  bed.logs->apply_retention(bed.now_ms());
  EXPECT_EQ(bed.log("trades").size_bytes(), bytes / 2);
}

TEST(DeleteRecords, what_cannot_be_deleted_is_refused) {
  BrokerTestBed bed;
  bed.make_topic("trades");
  bed.append("trades", {});
  EXPECT_EQ(delete_records(bed, 2).error_code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(delete_records(bed, -2).error_code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(delete_records(bed, 0, 7).error_code, ErrorCode::kUnknownTopicOrPartition);
  ASSERT_TRUE(bed.broker->set_configs("trades", {{"cleanup.policy", "compact"}}));
  EXPECT_EQ(delete_records(bed, 1).error_code, ErrorCode::kPolicyViolation);
  EXPECT_EQ(delete_records(bed, 1).low_watermark, -1);
}

TEST(DescribeLogDirs, the_folder_is_told_with_the_bytes_of_each_partition) {
  BrokerTestBed bed;
  bed.make_topic("trades", 2);
  bed.append("trades", {});
  const auto all =
      answer(*bed.broker, Access::unrestricted(), kafka::DescribeLogDirsRequest{}).results.at(0);
  EXPECT_EQ(all.log_dir, bed.logs->path().string());
  EXPECT_GT(all.usable_bytes, 0);
  ASSERT_EQ(all.topics.size(), 1u);
  ASSERT_EQ(all.topics[0].partitions.size(), 2u);
  EXPECT_EQ(all.topics[0].partitions[0].partition_size,
            static_cast<int64_t>(bed.log("trades").size_bytes()));
  EXPECT_EQ(all.topics[0].partitions[1].partition_size, 0);
  kafka::DescribeLogDirsRequest request;
  request.topics = {{"trades", {1, 9}}, {"none", {0}}};
  const auto some = answer(*bed.broker, Access::unrestricted(), request).results.at(0);
  ASSERT_EQ(some.topics.size(), 1u);
  EXPECT_EQ(some.topics[0].partitions.size(), 1u);
}

TEST(DescribeTopicPartitions, pages_follow_one_another_without_gaps) {
  BrokerTestBed bed;
  bed.make_topic("a", 3);
  bed.make_topic("b", 2);
  kafka::DescribeTopicPartitionsRequest request;
  request.response_partition_limit = 2;
  std::vector<std::string> seen;
  for (int pages = 1; pages <= 10; ++pages) {
    const auto response = answer(*bed.broker, Access::unrestricted(), request);
    for (const auto& topic : response.topics) {
      for (const auto& partition : topic.partitions)
        seen.push_back(*topic.name + std::to_string(partition.partition_index));
    }
    if (!response.next_cursor) break;
    request.cursor = {response.next_cursor->topic_name, response.next_cursor->partition_index};
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a0", "a1", "a2", "b0", "b1"}));
}

TEST(DescribeTopicPartitions, unknown_and_impossible_names_are_told_apart) {
  BrokerTestBed bed;
  kafka::DescribeTopicPartitionsRequest request;
  request.topics = {{"none"}, {"in valid"}};
  const auto response = answer(*bed.broker, Access::unrestricted(), request);
  ASSERT_EQ(response.topics.size(), 2u);
  EXPECT_EQ(response.topics[0].error_code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(response.topics[1].error_code, ErrorCode::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace ticklake::broker
