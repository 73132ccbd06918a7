#include "broker/offsets_topic.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "broker/broker.h"
#include "broker/group/group_records.h"

namespace ticklake::broker {
namespace {

/// A broker on a real disk, from its start to its end or its crash.
class Life {
 public:
  explicit Life(const base::Path& folder) {
    auto opened = LogFolder::open(files_, folder, {}, random_, *logger_);
    TICKLAKE_ASSERT(opened.has_value());
    logs_ = std::move(*opened);
    offsets_ = std::make_unique<OffsetsTopic>(*logs_, clock_, *logger_,
                                              [](const std::function<void()>& run) { run(); });
    groups_ = std::make_unique<GroupCoordinator>(GroupSettings{}, clock_, base::Random{2},
                                                 *offsets_, logger_);
    producer_ids_ = std::make_unique<ProducerIds>(files_, folder / "producer-ids");
    broker_ = std::make_unique<Broker>(BrokerSettings{}, *logs_, *producer_ids_, *groups_, clock_,
                                       *logger_);
    offsets_->attach(*broker_);
    TICKLAKE_ASSERT(groups_->recover().has_value());
  }

  /// What the event loop does with its storage thread.
  void sync() {
    for (const Broker::SyncJob& job : broker_->take_sync_jobs())
      broker_->sync_done(job.log, job.work.end_offset, job.work.run(files_));
  }
  bool commit(int64_t offset) {
    kafka::OffsetCommitRequest request;
    request.group_id = "readers";
    request.topics = {{"ticks", {{0, offset, -1, "note"}}}};
    bool is_answered = false;
    groups_->commit(request, [&](const kafka::OffsetCommitResponse& response) {
      is_answered = response.topics[0].partitions[0].error_code == kafka::ErrorCode::kNone;
    });
    EXPECT_FALSE(is_answered) << "answered before the fsync";
    sync();
    return is_answered;
  }
  int64_t committed() {
    kafka::OffsetFetchRequest request;
    request.group_id = "readers";
    request.topics.emplace().push_back({"ticks", {0}});
    return groups_->fetch(request, 7).topics.at(0).partitions.at(0).committed_offset;
  }
  void close() { TICKLAKE_ASSERT(logs_->close().has_value()); }

 private:
  base::PosixFileSystem files_;
  base::ManualClock clock_;
  base::Random random_{1};
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::unique_ptr<LogFolder> logs_;
  std::unique_ptr<OffsetsTopic> offsets_;
  std::unique_ptr<GroupCoordinator> groups_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::unique_ptr<Broker> broker_;
};

TEST(OffsetsTopic, a_commit_is_answered_after_fsync_and_there_after_a_restart) {
  const base::TemporaryFolder folder;
  {
    Life run(folder.path() / "broker");
    EXPECT_EQ(run.committed(), -1);
    EXPECT_TRUE(run.commit(41));
    EXPECT_TRUE(run.commit(42));
    EXPECT_EQ(run.committed(), 42);
    run.close();
  }
  Life again(folder.path() / "broker");
  EXPECT_EQ(again.committed(), 42);
  EXPECT_TRUE(again.commit(43));
}

TEST(OffsetsTopic, a_commit_that_was_answered_outlives_a_crash) {
  const base::TemporaryFolder folder;
  {
    Life run(folder.path() / "broker");
    EXPECT_TRUE(run.commit(42));
  }
  Life again(folder.path() / "broker");
  EXPECT_EQ(again.committed(), 42);
}

}  // namespace
}  // namespace ticklake::broker
