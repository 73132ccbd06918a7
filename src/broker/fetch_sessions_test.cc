#include "broker/fetch_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using kafka::FetchRequest;
using kafka::FetchResponse;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

const base::Bytes kRecords(100);

FetchRequest request(int32_t session_id, int32_t epoch, const std::vector<int32_t>& partitions,
                     int64_t offset = 0) {
  FetchRequest made;
  made.session_id = session_id;
  made.session_epoch = epoch;
  if (partitions.empty()) return made;
  auto& topic = made.topics.emplace_back();
  topic.topic = "trades";
  for (const int32_t partition : partitions)
    topic.partitions.push_back({.partition = partition, .fetch_offset = offset});
  return made;
}

/// Which partitions the request means, once the session has been asked.
std::vector<int32_t> meant(const FetchRequest& made) {
  std::vector<int32_t> partitions;
  for (const auto& topic : made.topics) {
    for (const auto& partition : topic.partitions)
      partitions.push_back(partition.partition);
  }
  return partitions;
}

FetchResponse::Partition told(int32_t partition, int64_t high_watermark, bool has_records = false) {
  FetchResponse::Partition made;
  made.partition_index = partition;
  made.high_watermark = high_watermark;
  made.log_start_offset = 0;
  if (has_records) made.records.parts = {kRecords};
  return made;
}

class FetchSessionsTest : public testing::Test {
 protected:
  /// The partitions that the answer holds in the end.
  std::vector<int32_t> answered(const FetchSessions::Use& use,
                                std::vector<FetchResponse::Partition> partitions) {
    FetchResponse response;
    response.responses.push_back({"trades", std::move(partitions)});
    sessions.end(use, response);
    EXPECT_EQ(response.session_id, use.session_id);
    std::vector<int32_t> left;
    for (const auto& topic : response.responses) {
      for (const auto& partition : topic.partitions)
        left.push_back(partition.partition_index);
    }
    return left;
  }
  /// A session that knows partitions 0 to 2, each with a high watermark of 5; its id.
  int32_t open() {
    FetchRequest full = request(0, 0, {0, 1, 2});
    const auto use = sessions.begin(full, now);
    EXPECT_NE(use.session_id, 0);
    EXPECT_THAT(answered(use, {told(0, 5), told(1, 5), told(2, 5)}), ElementsAre(0, 1, 2));
    return use.session_id;
  }

  base::MonotonicTime now{};
  FetchSessions sessions{base::Random{1},
                         {.sessions_max = 2, .partitions_max = 8, .idle_min = 120s}};
};

TEST_F(FetchSessionsTest, an_empty_request_means_all_that_the_session_knows) {
  const int32_t id = open();
  FetchRequest next = request(id, 1, {});
  const auto use = sessions.begin(next, now);
  EXPECT_EQ(use.error, ErrorCode::kNone);
  EXPECT_THAT(meant(next), ElementsAre(0, 1, 2));
  EXPECT_THAT(answered(use, {told(0, 5), told(1, 6), told(2, 5, true)}), ElementsAre(1, 2));
}

TEST_F(FetchSessionsTest, offsets_move_partitions_come_and_are_forgotten) {
  const int32_t id = open();
  FetchRequest next = request(id, 1, {1, 7}, 42);
  next.forgotten_topics_data.push_back({"trades", {0}, {}});
  sessions.begin(next, now);
  EXPECT_THAT(meant(next), ElementsAre(1, 2, 7));
  EXPECT_EQ(next.topics[0].partitions[0].fetch_offset, 42);
  EXPECT_EQ(next.topics[0].partitions[1].fetch_offset, 0);
}

TEST_F(FetchSessionsTest, who_got_records_is_read_last_the_next_time) {
  const int32_t id = open();
  FetchRequest next = request(id, 1, {});
  answered(sessions.begin(next, now), {told(0, 9, true), told(1, 5), told(2, 5)});
  next = request(id, 2, {});
  sessions.begin(next, now);
  EXPECT_THAT(meant(next), ElementsAre(1, 2, 0));
}

TEST_F(FetchSessionsTest, that_an_error_is_over_is_news) {
  const int32_t id = open();
  auto failed = told(0, 5);
  failed.error_code = ErrorCode::kKafkaStorageError;
  FetchRequest next = request(id, 1, {});
  EXPECT_THAT(answered(sessions.begin(next, now), {failed}), ElementsAre(0));
  next = request(id, 2, {});
  EXPECT_THAT(answered(sessions.begin(next, now), {told(0, 5)}), ElementsAre(0));
  next = request(id, 3, {});
  EXPECT_THAT(answered(sessions.begin(next, now), {told(0, 5)}), IsEmpty());
}

TEST_F(FetchSessionsTest, an_unknown_id_and_a_wrong_epoch_are_told_apart) {
  const int32_t id = open();
  FetchRequest unknown = request(id + 1, 1, {});
  EXPECT_EQ(sessions.begin(unknown, now).error, ErrorCode::kFetchSessionIdNotFound);
  FetchRequest again = request(id, 2, {});
  EXPECT_EQ(sessions.begin(again, now).error, ErrorCode::kInvalidFetchSessionEpoch);
  FetchRequest right = request(id, 1, {});
  EXPECT_EQ(sessions.begin(right, now).error, ErrorCode::kNone);
}

TEST_F(FetchSessionsTest, the_epochs_minus_one_and_zero_end_a_session) {
  const int32_t first = open();
  FetchRequest last = request(first, -1, {0});
  EXPECT_EQ(sessions.begin(last, now).session_id, 0);
  EXPECT_THAT(meant(last), ElementsAre(0));
  EXPECT_EQ(sessions.size(), 0u);
  const int32_t second = open();
  FetchRequest anew = request(second, 0, {0});
  EXPECT_NE(sessions.begin(anew, now).session_id, 0);
  EXPECT_EQ(sessions.size(), 1u);
}

TEST_F(FetchSessionsTest, a_session_that_knows_nothing_any_more_is_gone) {
  const int32_t id = open();
  FetchRequest next = request(id, 1, {});
  next.forgotten_topics_data.push_back({"trades", {0, 1, 2}, {}});
  EXPECT_EQ(sessions.begin(next, now).session_id, 0);
  EXPECT_EQ(sessions.size(), 0u);
}

TEST_F(FetchSessionsTest, names_and_ids_do_not_mix) {
  const int32_t id = open();
  FetchRequest next = request(id, 1, {0});
  next.topics[0].topic_id.bytes[0] = std::byte{1};
  EXPECT_EQ(sessions.begin(next, now).error, ErrorCode::kFetchSessionTopicIdError);
}

TEST_F(FetchSessionsTest, there_are_so_many_and_only_who_is_idle_makes_room) {
  const int32_t idle = open();
  open();
  FetchRequest third = request(0, 0, {0});
  EXPECT_EQ(sessions.begin(third, now).session_id, 0);
  now += 120s;
  FetchRequest used = request(idle, 1, {});
  EXPECT_EQ(sessions.begin(used, now).error, ErrorCode::kNone);
  EXPECT_NE(sessions.begin(third, now).session_id, 0);
  EXPECT_EQ(sessions.size(), 2u);
  FetchRequest still = request(idle, 2, {});
  EXPECT_EQ(sessions.begin(still, now).error, ErrorCode::kNone) << "the other one went";
}

TEST_F(FetchSessionsTest, their_partitions_are_bounded_too) {
  FetchRequest large = request(0, 0, {0, 1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(sessions.begin(large, now).session_id, 0);
  const int32_t id = open();
  FetchRequest growing = request(id, 1, {3, 4, 5, 6, 7, 8});
  EXPECT_EQ(sessions.begin(growing, now).error, ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(sessions.size(), 0u);
}

}  // namespace
}  // namespace ticklake::broker
