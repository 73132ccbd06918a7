#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"

namespace ticklake::kafka {

struct TransactionalProducerOptions {
  std::string brokers = {};
  std::string transactional_id = {};
  std::chrono::milliseconds timeout{60'000};  ///< of start() and of each send()
  ClientSettings settings = {};               ///< librdkafka's, over all of the above
};

/// Sends records in transactions (KIP-98): all of them or none, and none of a producer that was
/// killed. One thread.
class TransactionalProducer {
 public:
  /// When it returns, no other producer of that transactional id can send any more, and what such
  /// ones had begun is either committed or aborted.
  static base::Result<std::unique_ptr<TransactionalProducer>> start(
      const TransactionalProducerOptions& options);

  /// Sends `records` and sets the offset of `group` in `partition`, together or not at all. After
  /// an error it is not known which, and this producer is of no use any more; the next start()
  /// settles it. kInvalidData for a record that is too large: nothing was sent.
  base::Result<void> send(std::span<const OutgoingRecord> records, const std::string& group,
                          const TopicPartition& partition, int64_t offset);

 private:
  TransactionalProducer(std::unique_ptr<Producer> producer, int timeout_ms)
      : producer_(std::move(producer)), timeout_ms_(timeout_ms) {}
  base::Result<void> add_offset(const std::string& group, const TopicPartition& partition,
                                int64_t offset);

  std::unique_ptr<Producer> producer_;
  int timeout_ms_;
};

}  // namespace ticklake::kafka
