#include "broker/coordinator_topic.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "broker/broker_life.h"

namespace ticklake::broker {
namespace {

bool commit(BrokerLife& life, int64_t offset) {
  kafka::OffsetCommitRequest request;
  request.group_id = "readers";
  request.topics = {{"ticks", {{0, offset, -1, "note"}}}};
  bool is_answered = false;
  life.broker().groups().commit(request, [&](const kafka::OffsetCommitResponse& response) {
    is_answered = response.topics[0].partitions[0].error_code == kafka::ErrorCode::kNone;
  });
  EXPECT_FALSE(is_answered) << "answered before the fsync";
  life.sync();
  return is_answered;
}

int64_t committed(BrokerLife& life) {
  kafka::OffsetFetchRequest request;
  request.group_id = "readers";
  request.topics.emplace().push_back({"ticks", {0}});
  return life.broker().groups().fetch(request, 7).topics.at(0).partitions.at(0).committed_offset;
}

TEST(CoordinatorTopic, a_commit_is_answered_after_fsync_and_there_after_a_restart) {
  const base::TemporaryFolder folder;
  {
    BrokerLife run(folder.path() / "broker");
    EXPECT_EQ(committed(run), -1);
    EXPECT_TRUE(commit(run, 41));
    EXPECT_TRUE(commit(run, 42));
    EXPECT_EQ(committed(run), 42);
    run.close();
  }
  BrokerLife again(folder.path() / "broker");
  EXPECT_EQ(committed(again), 42);
  EXPECT_TRUE(commit(again, 43));
}

TEST(CoordinatorTopic, a_commit_that_was_answered_outlives_a_crash) {
  const base::TemporaryFolder folder;
  {
    BrokerLife run(folder.path() / "broker");
    EXPECT_TRUE(commit(run, 42));
  }
  BrokerLife again(folder.path() / "broker");
  EXPECT_EQ(committed(again), 42);
}

}  // namespace
}  // namespace ticklake::broker
