// A transaction from its producer to its reader, through the coordinator, the logs and Fetch.

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "broker/broker_life.h"
#include "broker/handlers/handlers.h"
#include "broker/log/log_test_bed.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;

/// What one producer and one reader of ("ticks", 0) do.
class Pipe {
 public:
  explicit Pipe(BrokerLife& life) : life_(life) {
    if (!life.broker().logs().find("ticks")) {
      TICKLAKE_ASSERT(life.broker().create_topic("ticks", 1, {}).has_value());
    }
  }

  void settle() {
    while (life_.sync()) {
    }
  }
  void init() {
    kafka::InitProducerIdRequest request;
    request.transactional_id = "pipe";
    request.transaction_timeout_ms = 60'000;
    life_.broker().transactions().init_producer_id(
        request, [this](const kafka::InitProducerIdResponse& response) {
          producer_ = {response.producer_id, response.producer_epoch};
        });
    settle();
    sequence_ = 0;
  }
  void begin(const std::set<TopicPartition>& partitions = {{"ticks", 0}}) {
    ErrorCode error = ErrorCode::kUnknownServerError;
    life_.broker().transactions().add_partitions("pipe", producer_, partitions,
                                                 [&](ErrorCode result) { error = result; });
    settle();
    EXPECT_EQ(error, ErrorCode::kNone);
  }
  /// One record; its offset.
  int64_t produce() {
    BatchSpec spec;
    // Of now: a record of long ago would not share a segment with its marker.
    spec.timestamp_ms = base::to_unix_ms(life_.clock().wall_now());
    spec.producer_id = producer_.id;
    spec.producer_epoch = producer_.epoch;
    spec.base_sequence = sequence_++;
    spec.is_transactional = true;
    base::Bytes batch = make_batch(spec);
    PartitionState& partition = *life_.broker().find_partition("ticks", 0);
    const auto appended = partition.log->append(batch, *kafka::parse_batch_header(batch), 5000);
    EXPECT_TRUE(appended.has_value()) << appended.error().message;
    life_.broker().publish_when_durable(partition, appended->last_offset + 1, [](ErrorCode) {});
    settle();
    return appended->base_offset;
  }
  void commit_offset(int64_t offset) {
    kafka::OffsetCommitRequest request;
    request.group_id = "readers";
    request.topics = {{"ticks", {{0, offset, -1, ""}}}};
    life_.broker().groups().commit_in_transaction(producer_, request, [](const auto&) {});
    settle();
  }
  /// Not settled: the test says how far it comes.
  void end(bool is_commit) {
    is_ended_ = false;
    life_.broker().transactions().end("pipe", producer_, is_commit, [this](ErrorCode error) {
      EXPECT_EQ(error, ErrorCode::kNone);
      is_ended_ = true;
    });
  }
  bool is_ended() const { return is_ended_; }

  kafka::FetchResponse::Partition fetch(int64_t offset, int8_t isolation_level) {
    kafka::FetchRequest request;
    request.isolation_level = isolation_level;
    auto& wanted = request.topics.emplace_back();
    wanted.topic = "ticks";
    auto& partition = wanted.partitions.emplace_back();
    partition.fetch_offset = offset;
    partition.partition_max_bytes = 1 << 20;
    FetchAnswer answer = read_fetch(life_.broker(), request, {});
    payloads_ = std::move(answer.payloads);
    return answer.response.responses.at(0).partitions.at(0);
  }
  int64_t committed_offset() {
    kafka::OffsetFetchRequest request;
    request.group_id = "readers";
    request.topics.emplace().push_back({"ticks", {0}});
    return life_.broker().groups().fetch(request, 7).topics.at(0).partitions.at(0).committed_offset;
  }

 private:
  BrokerLife& life_;
  ProducerIdAndEpoch producer_;
  int32_t sequence_ = 0;
  bool is_ended_ = false;
  Payloads payloads_;
};

constexpr int8_t kUncommitted = 0;
constexpr int8_t kCommitted = 1;

TEST(BrokerTransactions, read_committed_stops_at_the_last_stable_offset) {
  const base::TemporaryFolder folder;
  BrokerLife life(folder.path() / "broker");
  Pipe pipe(life);
  pipe.init();
  pipe.begin();
  pipe.produce();
  const auto open = pipe.fetch(0, kCommitted);
  EXPECT_EQ(open.error_code, ErrorCode::kNone);
  EXPECT_EQ(open.high_watermark, 1);
  EXPECT_EQ(open.last_stable_offset, 0);
  EXPECT_EQ(open.records.size(), 0u);
  EXPECT_TRUE(open.aborted_transactions && open.aborted_transactions->empty());
  const auto dirty = pipe.fetch(0, kUncommitted);
  EXPECT_GT(dirty.records.size(), 0u);
  EXPECT_EQ(dirty.last_stable_offset, 0);
  EXPECT_FALSE(dirty.aborted_transactions.has_value());
  pipe.end(true);
  pipe.settle();
  EXPECT_TRUE(pipe.is_ended());
  const auto done = pipe.fetch(0, kCommitted);
  EXPECT_EQ(done.last_stable_offset, 2);
  EXPECT_GT(done.records.size(), dirty.records.size()) << "the marker comes with it";
  EXPECT_TRUE(done.aborted_transactions->empty());
}

TEST(BrokerTransactions, a_reader_is_told_what_was_aborted) {
  const base::TemporaryFolder folder;
  BrokerLife life(folder.path() / "broker");
  Pipe pipe(life);
  pipe.init();
  for (const bool is_commit : {true, false, true}) {
    pipe.begin();
    pipe.produce();
    pipe.end(is_commit);
    pipe.settle();
  }
  const auto all = pipe.fetch(0, kCommitted);
  ASSERT_EQ(all.aborted_transactions->size(), 1u);
  EXPECT_EQ(all.aborted_transactions->at(0).first_offset, 2);
  EXPECT_TRUE(pipe.fetch(4, kCommitted).aborted_transactions->empty());
}

// After each round of fsync the process dies; what was decided on disk is what comes of it.
TEST(BrokerTransactions, a_crash_after_any_fsync_leaves_all_or_nothing_of_it) {
  for (const bool is_commit : {true, false}) {
    bool was_ended = false;
    for (int rounds = 0; !was_ended; ++rounds) {
      const base::TemporaryFolder folder;
      {
        BrokerLife life(folder.path() / "broker");
        Pipe pipe(life);
        pipe.init();
        pipe.begin({{"ticks", 0}, {std::string(kOffsetsTopic), 0}});
        pipe.produce();
        pipe.commit_offset(77);
        pipe.end(is_commit);
        for (int i = 0; i < rounds; ++i)
          life.sync();
        was_ended = pipe.is_ended();
      }
      BrokerLife life(folder.path() / "broker");
      Pipe pipe(life);
      pipe.settle();
      const TxnState state = life.broker().transactions().find("pipe")->state;
      EXPECT_EQ(state, is_commit ? TxnState::kCompleteCommit : TxnState::kCompleteAbort) << rounds;
      const auto read = pipe.fetch(0, kCommitted);
      EXPECT_EQ(read.last_stable_offset, read.high_watermark);
      EXPECT_EQ(read.aborted_transactions->size(), is_commit ? 0u : 1u);
      EXPECT_EQ(pipe.committed_offset(), is_commit ? 77 : -1);
      pipe.init();
      pipe.begin();
      pipe.produce();
      pipe.end(true);
      pipe.settle();
      EXPECT_TRUE(pipe.is_ended());
      ASSERT_LT(rounds, 10);
    }
  }
}

TEST(BrokerTransactions, one_that_was_open_at_a_crash_is_aborted_when_its_time_is_over) {
  const base::TemporaryFolder folder;
  {
    BrokerLife life(folder.path() / "broker");
    Pipe pipe(life);
    pipe.init();
    pipe.begin({{"ticks", 0}, {std::string(kOffsetsTopic), 0}});
    pipe.produce();
    pipe.commit_offset(77);
  }
  BrokerLife life(folder.path() / "broker");
  Pipe pipe(life);
  pipe.settle();
  EXPECT_EQ(pipe.fetch(0, kCommitted).last_stable_offset, 0);
  life.clock().advance(std::chrono::seconds(60));
  life.broker().transactions().run_due();
  pipe.settle();
  const auto read = pipe.fetch(0, kCommitted);
  EXPECT_EQ(read.last_stable_offset, 2);
  EXPECT_EQ(read.aborted_transactions->size(), 1u);
  EXPECT_EQ(pipe.committed_offset(), -1);
}

TEST(BrokerTransactions, a_deleted_topic_does_not_hold_up_the_end) {
  const base::TemporaryFolder folder;
  BrokerLife life(folder.path() / "broker");
  Pipe pipe(life);
  pipe.init();
  pipe.begin();
  pipe.produce();
  ASSERT_TRUE(life.broker().delete_topic("ticks").has_value());
  pipe.end(true);
  pipe.settle();
  EXPECT_TRUE(pipe.is_ended());
  EXPECT_EQ(life.broker().transactions().find("pipe")->state, TxnState::kCompleteCommit);
}

}  // namespace
}  // namespace ticklake::broker
