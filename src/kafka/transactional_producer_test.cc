#include "kafka/transactional_producer.h"

#include <gtest/gtest.h>

#include "kafka/admin.h"
#include "kafka/mock_cluster.h"

namespace ticklake::kafka {
namespace {

std::unique_ptr<TransactionalProducer> start(const MockCluster& cluster) {
  TransactionalProducerOptions options;
  options.brokers = cluster.brokers();
  options.transactional_id = "replay";
  auto producer = TransactionalProducer::start(options);
  EXPECT_TRUE(producer) << base::to_text(producer.error());
  return std::move(*producer);
}

TEST(TransactionalProducer, records_and_offset_are_sent_again_and_again) {
  MockCluster cluster;
  cluster.create_topic("trades", 1);
  const auto producer = start(cluster);
  for (int64_t i = 0; i < 2; ++i) {
    const OutgoingRecord records[] = {{.topic = "trades", .value = "one"},
                                      {.topic = "trades", .value = "two"}};
    const auto sent = producer->commit(records, {}, GroupOffset{"group", {"trades", 0}, i + 1});
    ASSERT_TRUE(sent) << base::to_text(sent.error());
  }
  auto admin = Admin::start(cluster.brokers(), std::chrono::seconds(20)).value();
  EXPECT_GE(admin->watermarks("trades", 0).value().end, 4);
}

TEST(TransactionalProducer,
     a_record_that_is_too_large_is_an_error_and_the_next_transaction_is_fine) {
  MockCluster cluster;
  cluster.create_topic("trades", 1);
  const auto producer = start(cluster);
  const std::string large(3'000'000, 'x');
  const OutgoingRecord too_large[] = {{.topic = "trades", .value = "fits"},
                                      {.topic = "trades", .value = large}};
  const auto refused = producer->commit(too_large, {}, GroupOffset{"group", {"trades", 0}, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidData);
  const OutgoingRecord fine[] = {{.topic = "trades", .value = "fits"}};
  const auto sent = producer->commit(fine, {}, GroupOffset{"group", {"trades", 0}, 1});
  EXPECT_TRUE(sent) << base::to_text(sent.error());
}

}  // namespace
}  // namespace ticklake::kafka
