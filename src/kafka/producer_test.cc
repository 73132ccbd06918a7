#include "kafka/producer.h"

#include <gtest/gtest.h>

#include "kafka/admin.h"
#include "kafka/mock_cluster.h"

namespace ticklake::kafka {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{20'000};

class ProducerTest : public testing::Test {
 protected:
  std::unique_ptr<Producer> start(ProducerOptions options = {}) {
    options.brokers = cluster_.brokers();
    return std::move(Producer::start(options).value());
  }
  std::unique_ptr<Admin> admin() {
    return std::move(Admin::start(cluster_.brokers(), kPatience).value());
  }
  MockCluster cluster_;
};

TEST_F(ProducerTest, every_record_is_acknowledged_and_stands_in_order) {
  cluster_.create_topic("trades", 1);
  auto producer = start();
  for (int i = 0; i < 1000; ++i) {
    const std::string value = std::to_string(i);
    ASSERT_TRUE(producer->produce({.topic = "trades", .key = "A", .value = value}, {}));
  }
  ASSERT_TRUE(producer->flush(kPatience));
  EXPECT_EQ(producer->stats().acknowledged, 1000u);

  auto tail = admin()->read_tail("trades", 0, 3).value();
  ASSERT_EQ(tail.size(), 3u);
  EXPECT_EQ(tail[0].offset, 997);
  EXPECT_EQ(tail[2].value, "999");
  EXPECT_EQ(tail[2].key, "A");
}

TEST_F(ProducerTest, headers_and_a_missing_value_are_carried) {
  cluster_.create_topic("dead", 1);
  auto producer = start();
  const RecordHeader headers[] = {{.key = "ticklake.error", .value = "why"}};
  ASSERT_TRUE(producer->produce({.topic = "dead", .key = "k", .headers = headers}, {}));
  ASSERT_TRUE(producer->flush(kPatience));
  EXPECT_EQ(admin()->read_tail("dead", 0, 10).value().at(0).value, std::nullopt);
}

TEST_F(ProducerTest, a_full_queue_waits_for_room_until_stopped) {
  cluster_.create_topic("trades", 1);
  auto producer = start({.queue_records_max = 10});
  cluster_.set_broker_up(false);
  std::stop_source source;
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(producer->produce({.topic = "trades", .value = "x"}, source.get_token()));
  source.request_stop();
  const auto refused = producer->produce({.topic = "trades", .value = "x"}, source.get_token());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInterrupted);
}

TEST_F(ProducerTest, flush_says_how_many_records_are_not_acknowledged) {
  cluster_.create_topic("trades", 1);
  auto producer = start();
  cluster_.set_broker_up(false);
  ASSERT_TRUE(producer->produce({.topic = "trades", .value = "x"}, {}));
  const auto flushed = producer->flush(milliseconds(50));
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, base::ErrorCode::kTimeout);
  EXPECT_NE(flushed.error().what.find("1 record"), std::string::npos) << flushed.error().what;
}

TEST_F(ProducerTest, a_record_that_cannot_be_delivered_fails_the_producer) {
  cluster_.create_topic("trades", 1);
  auto producer = start({.delivery_timeout = milliseconds(50)});
  cluster_.set_broker_up(false);
  ASSERT_TRUE(producer->produce({.topic = "trades", .value = "x"}, {}));
  ASSERT_FALSE(producer->flush(kPatience));
  EXPECT_FALSE(producer->produce({.topic = "trades", .value = "x"}, {}));
  EXPECT_EQ(producer->stats().failed, 1u);
}

TEST_F(ProducerTest, a_record_that_is_too_large_is_refused_alone) {
  cluster_.create_topic("trades", 1);
  auto producer = start();
  const std::string large(2'000'000, 'x');
  const auto refused = producer->produce({.topic = "trades", .value = large}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidData);
  EXPECT_TRUE(producer->produce({.topic = "trades", .value = "x"}, {}));
  EXPECT_TRUE(producer->flush(kPatience));
}

TEST_F(ProducerTest, admin_knows_offsets_and_partitions_and_creates_nothing_by_asking) {
  cluster_.create_topic("three", 3);
  auto asking = admin();
  EXPECT_EQ(asking->partition_count("three").value(), 3);
  EXPECT_EQ(asking->partition_count("none").value(), 0);
  EXPECT_EQ(asking->partition_count("none").value(), 0);
  EXPECT_EQ(asking->ensure_topic({.name = "three"}).value(), 3);
  EXPECT_EQ(asking->watermarks("three", 2).value().end, 0);
  EXPECT_TRUE(asking->read_tail("three", 1, 5).value().empty());
}

TEST(Admin, an_unreachable_broker_is_reported_within_the_bound) {
  // Port 1 on loopback: nothing listens there.
  auto admin = Admin::start("127.0.0.1:1", milliseconds(300)).value();
  const auto reachable = admin->wait_until_reachable();
  ASSERT_FALSE(reachable);
  EXPECT_EQ(reachable.error().code, base::ErrorCode::kUnavailable);
  EXPECT_FALSE(reachable.error().advice.empty());
}

}  // namespace
}  // namespace ticklake::kafka
