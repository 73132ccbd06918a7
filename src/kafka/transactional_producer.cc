#include "kafka/transactional_producer.h"

#include <string_view>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "kafka/admin_call.h"
#include "kafka/client_error.h"

namespace ticklake::kafka {
namespace {

using ClientErrorPointer = Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using GroupMetadata =
    Owned<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;

constexpr int kAttemptsMax = 5;

/// Calls until it succeeds or fails for good; each call waits for an answer by itself.
template <typename Call>
base::Result<void> attempt(const std::string& what, const Call& call) {
  for (int tries = 1;; ++tries) {
    const ClientErrorPointer error(call());
    if (!error) return {};
    if (tries < kAttemptsMax && rd_kafka_error_is_retriable(error.get()) != 0) continue;
    return base::fail(
        answered_error(rd_kafka_error_code(error.get()), what, rd_kafka_error_string(error.get())));
  }
}

}  // namespace

base::Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::start(
    const TransactionalProducerOptions& options) {
  const auto timeout_ms = static_cast<int>(options.timeout.count());
  ProducerOptions of_producer;
  of_producer.brokers = options.brokers;
  of_producer.client_id = "ticklake-transactions";
  of_producer.delivery_timeout = options.timeout / 2;
  of_producer.settings = {{"transactional.id", options.transactional_id},
                          {"transaction.timeout.ms", std::to_string(timeout_ms)},
                          {"enable.gapless.guarantee", "false"}};
  of_producer.settings.insert(of_producer.settings.end(), options.settings.begin(),
                              options.settings.end());
  TICKLAKE_ASSIGN(auto producer, Producer::start(of_producer));
  TICKLAKE_TRY(attempt("cannot begin transactions as '" + options.transactional_id + "'",
                       [&] { return rd_kafka_init_transactions(producer->client(), timeout_ms); }));
  return std::unique_ptr<TransactionalProducer>(
      new TransactionalProducer(std::move(producer), timeout_ms));
}

base::Result<void> TransactionalProducer::add_offset(const std::string& group,
                                                     const TopicPartition& partition,
                                                     int64_t offset) {
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
      ->offset = offset;
  const GroupMetadata metadata(rd_kafka_consumer_group_metadata_new(group.c_str()));
  return attempt("cannot set the offset of the group '" + group + "'", [&] {
    return rd_kafka_send_offsets_to_transaction(producer_->client(), list.get(), metadata.get(),
                                                timeout_ms_);
  });
}

base::Result<void> TransactionalProducer::send(std::span<const OutgoingRecord> records,
                                               const std::string& group,
                                               const TopicPartition& partition, int64_t offset) {
  rd_kafka_t* const client = producer_->client();
  TICKLAKE_TRY(
      attempt("cannot begin a transaction", [&] { return rd_kafka_begin_transaction(client); }));
  auto outcome = [&]() -> base::Result<void> {
    for (const OutgoingRecord& record : records)
      TICKLAKE_TRY(producer_->produce(record, std::stop_token()));
    TICKLAKE_TRY(add_offset(group, partition, offset));
    return attempt("cannot commit a transaction",
                   [&] { return rd_kafka_commit_transaction(client, timeout_ms_); });
  }();
  if (outcome) return {};
  // Best effort: what is not aborted now is, by the next start() or the transaction's time-out.
  static_cast<void>(attempt("cannot abort a transaction",
                            [&] { return rd_kafka_abort_transaction(client, timeout_ms_); }));
  return outcome;
}

}  // namespace ticklake::kafka
