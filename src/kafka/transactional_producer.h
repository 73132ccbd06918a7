#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "kafka/client_settings.h"
#include "kafka/producer.h"

namespace ticklake::kafka {

struct TransactionalProducerOptions {
  std::string brokers = {};
  std::string client_id = "ticklake";
  /// Of those that use one name, the newest goes on and all others are fenced (KIP-98).
  std::string transactional_id = {};
  std::chrono::milliseconds start_timeout{60'000};
  ClientSettings settings = {};  ///< librdkafka's, over all of the above
  /// Called from inside commit(), once each, with why the broker keeps it waiting for long.
  std::function<void(const std::string& why)> on_long_wait = {};
};

/// A Kafka producer that sends in transactions: all records of one, or none, whatever crashes.
/// One thread.
class TransactionalProducer {
 public:
  /// Takes the name over: what an earlier holder had committed is decided when this returns, and
  /// what it had begun is aborted. kUnavailable or kTimeout if no broker does that in time.
  static base::Result<std::unique_ptr<TransactionalProducer>> start(
      const TransactionalProducerOptions& options);
  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;
  /// A transaction that is under way is left to the next holder of the name.
  ~TransactionalProducer();

  /// The records as one transaction, which is on the broker when this returns. A broker that does
  /// not answer is waited for; once `stop` is requested, some ten seconds at most.
  ///
  /// kFenced: a newer holder of the name has taken over; that is for good, and so is any other
  /// error that is not retriable. After a retriable one the transaction was aborted, and the same
  /// records may be given again. kInterrupted: nobody knows before the next start().
  base::Result<void> commit(std::span<const OutgoingRecord> records, const std::stop_token& stop);

 private:
  TransactionalProducer() = default;
  static void on_delivery(rd_kafka_s* client, const rd_kafka_message_s* message, void* opaque);
  base::Result<void> enqueue(const OutgoingRecord& record, const std::stop_token& stop);
  base::Result<void> finish(const std::stop_token& stop);
  base::Error abort(base::Error why, const std::stop_token& stop);
  base::Error error_of(int code, const std::string& what, const char* cause) const;

  rd_kafka_s* client_ = nullptr;
  std::string transactional_id_;
  std::function<void(const std::string&)> on_long_wait_;
  bool is_fenced_ = false;
};

}  // namespace ticklake::kafka
