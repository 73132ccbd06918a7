#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "feed/replay.h"
#include "feed/sample.h"
#include "feed/simulation.h"
#include "kafka/admin.h"
#include "kafka/mock_cluster.h"
#include "market/trade_json.h"

namespace ticklake::feed {
namespace {

class FeedTest : public testing::Test {
 protected:
  FeedTest() { cluster_.create_topic("rows", 1); }
  Target target(const std::string& topic = "rows") {
    Target chosen;
    chosen.brokers = cluster_.brokers();
    chosen.topic = topic;
    return chosen;
  }
  base::Path csv(int rows) {
    std::string text = "n,time\n";
    for (int i = 0; i < rows; ++i)
      text += std::to_string(i) + ",2020-01-01T00:00:00Z\n";
    base::Path path = folder_.path() / "rows.csv";
    EXPECT_TRUE(base::replace_text(files_, path, text));
    return path;
  }
  FeedStats replay(const base::Path& file, Pace pace = {}) {
    ReplayOptions options{.target = target(), .rows = {.file = file}, .pace = pace};
    auto feed = Replay::start(std::move(options), files_, clock_, *logger_).value();
    EXPECT_TRUE(feed->run({}));
    return feed->stats();
  }
  std::vector<kafka::TailRecord> records(const std::string& topic = "rows") {
    auto admin = kafka::Admin::start(cluster_.brokers(), std::chrono::seconds(20)).value();
    return admin->read_tail(topic, 0, 1'000'000).value();
  }

  kafka::MockCluster cluster_;
  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::SystemClock clock_;
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
};

TEST_F(FeedTest, replay_sends_every_row_once_in_order) {
  const FeedStats stats = replay(csv(500));
  EXPECT_EQ(stats.acknowledged, 500u);
  EXPECT_TRUE(stats.finished);
  const auto there = records();
  ASSERT_EQ(there.size(), 500u);
  for (size_t i = 0; i < there.size(); ++i)
    EXPECT_EQ(there[i].value,
              "{\"n\":" + std::to_string(i) + ",\"time\":\"2020-01-01T00:00:00Z\"}");
}

TEST_F(FeedTest, replay_goes_on_where_an_earlier_run_stopped) {
  replay(csv(120));  // as if the run over the larger file had been cut here
  const FeedStats second = replay(csv(300));
  EXPECT_EQ(second.skipped, 120u);
  EXPECT_EQ(second.acknowledged, 180u);
  EXPECT_EQ(records().size(), 300u);
  EXPECT_EQ(replay(csv(300)).acknowledged, 0u);
}

TEST_F(FeedTest, replay_into_a_topic_with_other_records_sends_all_rows) {
  auto producer = kafka::Producer::start({.brokers = cluster_.brokers()}).value();
  ASSERT_TRUE(producer->produce({.topic = "rows", .value = "{\"other\":1}"}, {}));
  ASSERT_TRUE(producer->flush(std::chrono::seconds(20)));
  EXPECT_EQ(replay(csv(10)).acknowledged, 10u);
}

TEST_F(FeedTest, replay_of_a_file_without_a_usable_row_is_an_error) {
  const base::Path path = folder_.path() / "bad.csv";
  ASSERT_TRUE(base::replace_text(files_, path, "a,b\n1\n2\n"));
  auto feed = Replay::start({.target = target(), .rows = {.file = path}, .pace = {}}, files_,
                            clock_, *logger_)
                  .value();
  const auto outcome = feed->run({});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().cause.find("line 2: 1 of 2 columns"), std::string::npos);
}

TEST_F(FeedTest, replay_by_speed_needs_a_time_column) {
  const base::Path path = folder_.path() / "untimed.csv";
  ASSERT_TRUE(base::replace_text(files_, path, "a,b\n1,2\n"));
  const auto refused =
      Replay::start({.target = target(), .rows = {.file = path}, .pace = Pace::at_speed(1)}, files_,
                    clock_, *logger_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().advice.find("--time-column"), std::string::npos);
}

TEST_F(FeedTest, sample_sends_rows_of_the_file_until_stopped) {
  SampleOptions options{.target = target(), .rows = {.file = csv(10)}, .pace = Pace{}};
  auto feed = Sample::start(std::move(options), files_, clock_).value();
  std::stop_source source;
  std::jthread thread([&] { EXPECT_TRUE(feed->run(source.get_token())); });
  while (feed->stats().acknowledged < 100)
    std::this_thread::yield();
  source.request_stop();
  thread.join();
  EXPECT_EQ(feed->stats().acknowledged, feed->stats().produced);
}

TEST_F(FeedTest, a_simulation_goes_on_with_the_next_seq_after_a_restart) {
  cluster_.create_topic("trades", 1);
  for (const uint64_t first : {1u, 301u}) {
    auto feed = Simulation::start(
                    {.target = target("trades"), .pace = {}, .symbols = 5, .count = 300}, clock_)
                    .value();
    EXPECT_EQ(feed->first_seq(), first);
    ASSERT_TRUE(feed->run({}));
  }
  const auto there = records("trades");
  ASSERT_EQ(there.size(), 600u);
  std::map<std::string, int64_t> last_units;
  for (size_t i = 0; i < there.size(); ++i) {
    const auto trade = market::parse_trade_json(*there[i].value);
    ASSERT_TRUE(trade) << *there[i].value;
    EXPECT_EQ(trade->seq, i + 1);
    EXPECT_EQ(there[i].key, trade->symbol.text());
    // No price jumps at the restart: a symbol goes on within a few ticks.
    const auto [known, is_new] = last_units.emplace(*there[i].key, trade->price->units());
    if (!is_new) {
      EXPECT_LE(std::abs(trade->price->units() - known->second), 300);
    }
    known->second = trade->price->units();
  }
}

TEST(Feed, an_unreachable_broker_is_reported_within_its_timeout) {
  Target target{.brokers = "127.0.0.1:1", .topic = "trades"};
  target.connect_timeout = std::chrono::milliseconds(200);
  const base::SystemClock clock;
  const auto refused = Simulation::start({.target = target}, clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace ticklake::feed
