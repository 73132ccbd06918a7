#include "kafka/transactional_producer.h"

#include <array>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "kafka/client_error.h"

namespace ticklake::kafka {
namespace {

constexpr int kFullQueuePollMs = 10;
constexpr int kAttemptMs = 1000;
/// How many attempts of kAttemptMs are made after a stop was requested.
constexpr int kAttemptsAfterStopMax = 10;
/// After how many a wait is worth telling.
constexpr int kAttemptsOfLongWait = 5;

using OwnedError = std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)>;

/// librdkafka says the first per record, and either as the reason of a fatal error.
bool says_fenced(int code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
}

base::Error fenced_error(const std::string& transactional_id) {
  return {.code = base::ErrorCode::kFenced,
          .what = "another process has taken over the transactional id '" + transactional_id + "'",
          .cause = "of those that use one id, Kafka lets only the newest write",
          .advice = "stop one of them, or give each a name of its own",
          .retriable = false};
}

rd_kafka_vu_t bytes_argument(rd_kafka_vtype_t type, std::optional<std::string_view> bytes) {
  rd_kafka_vu_t argument{};
  argument.vtype = type;
  // librdkafka copies them (RD_KAFKA_MSG_F_COPY) but does not say so with const.
  if (bytes) argument.u.mem = {const_cast<char*>(bytes->data()), bytes->size()};
  return argument;
}

/// Calls `attempt` (a timeout in ms -> rd_kafka_error_t*) until it has another outcome than "not
/// yet"; null for success.
template <typename Attempt>
OwnedError until_decided(const std::stop_token& stop,
                         const std::function<void(const std::string&)>& on_long_wait,
                         const Attempt& attempt) {
  int after_stop = 0;
  for (int attempts = 1;; ++attempts) {
    OwnedError error(attempt(kAttemptMs), &rd_kafka_error_destroy);
    if (!error || rd_kafka_error_is_fatal(error.get()) ||
        !rd_kafka_error_is_retriable(error.get()) || rd_kafka_error_txn_requires_abort(error.get()))
      return error;
    if (attempts == kAttemptsOfLongWait && on_long_wait)
      on_long_wait(rd_kafka_error_string(error.get()));
    if (stop.stop_requested() && ++after_stop >= kAttemptsAfterStopMax) return error;
  }
}

}  // namespace

base::Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::start(
    const TransactionalProducerOptions& options) {
  ClientSettings settings{{"bootstrap.servers", options.brokers},
                          {"client.id", options.client_id},
                          {"transactional.id", options.transactional_id},
                          {"linger.ms", "0"},
                          {"socket.nagle.disable", "true"},
                          {"reconnect.backoff.max.ms", "1000"}};
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  std::unique_ptr<TransactionalProducer> producer(new TransactionalProducer);
  producer->transactional_id_ = options.transactional_id;
  producer->on_long_wait_ = options.on_long_wait;
  TICKLAKE_ASSIGN(rd_kafka_conf_s* const conf, make_client_conf(settings));
  rd_kafka_conf_set_opaque(conf, producer.get());
  rd_kafka_conf_set_dr_msg_cb(conf, &TransactionalProducer::on_delivery);
  TICKLAKE_ASSIGN(producer->client_, make_client(conf, true));
  const OwnedError error(rd_kafka_init_transactions(
                             producer->client_, static_cast<int>(options.start_timeout.count())),
                         &rd_kafka_error_destroy);
  if (!error) return producer;
  return base::fail(
      producer->error_of(rd_kafka_error_code(error.get()),
                         "take over the transactional id '" + options.transactional_id + "'",
                         rd_kafka_error_string(error.get())));
}

TransactionalProducer::~TransactionalProducer() {
  if (client_ == nullptr) return;
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy(client_);
}

void TransactionalProducer::on_delivery(rd_kafka_s*, const rd_kafka_message_s* message,
                                        void* opaque) {
  if (says_fenced(message->err)) static_cast<TransactionalProducer*>(opaque)->is_fenced_ = true;
}

/// An error that is for good, unless its code says otherwise.
base::Error TransactionalProducer::error_of(int code, const std::string& what,
                                            const char* cause) const {
  std::array<char, 512> text{};
  const int fatal = rd_kafka_fatal_error(client_, text.data(), text.size());
  // In a fatal error INVALID_PRODUCER_EPOCH is what brokers of before KIP-588 call fencing.
  if (is_fenced_ || says_fenced(code) || says_fenced(fatal) ||
      fatal == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
    return fenced_error(transactional_id_);
  base::Error error = client_error(fatal != 0 ? fatal : code, what);
  error.cause = fatal != 0 ? text.data() : cause;
  return error;
}

base::Result<void> TransactionalProducer::enqueue(const OutgoingRecord& record,
                                                  const std::stop_token& stop) {
  const std::string topic(record.topic);
  std::array<rd_kafka_vu_t, 6> arguments{};
  arguments[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  arguments[0].u.cstr = topic.c_str();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = record.partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  arguments[3].u.i64 = record.timestamp_ms;
  arguments[4] = bytes_argument(RD_KAFKA_VTYPE_KEY, record.key);
  arguments[5] = bytes_argument(RD_KAFKA_VTYPE_VALUE, record.value);
  while (true) {
    const OwnedError error(rd_kafka_produceva(client_, arguments.data(), arguments.size()),
                           &rd_kafka_error_destroy);
    if (!error) return {};
    const int code = rd_kafka_error_code(error.get());
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      base::Error refused =
          error_of(code, "produce to topic '" + topic + "'", rd_kafka_error_string(error.get()));
      // The transaction has failed already, for a reason that passes.
      if (code == RD_KAFKA_RESP_ERR__STATE) refused.retriable = true;
      return base::fail(std::move(refused));
    }
    if (stop.stop_requested()) {
      return base::fail(base::ErrorCode::kInterrupted, "produce to Kafka",
                        "stopped while its queue was full");
    }
    rd_kafka_poll(client_, kFullQueuePollMs);
  }
}

base::Result<void> TransactionalProducer::finish(const std::stop_token& stop) {
  const OwnedError error = until_decided(stop, on_long_wait_, [this](int timeout_ms) {
    return rd_kafka_commit_transaction(client_, timeout_ms);
  });
  if (!error) return {};
  base::Error failed = error_of(rd_kafka_error_code(error.get()), "commit to Kafka",
                                rd_kafka_error_string(error.get()));
  if (failed.code == base::ErrorCode::kFenced) return base::fail(std::move(failed));
  if (rd_kafka_error_txn_requires_abort(error.get())) {
    failed.retriable = true;
  } else if (rd_kafka_error_is_retriable(error.get())) {
    failed.code = base::ErrorCode::kInterrupted;
  }
  return base::fail(std::move(failed));
}

/// Gives up the transaction because of `why`; a fence that shows only now is told instead.
base::Error TransactionalProducer::abort(base::Error why, const std::stop_token& stop) {
  const OwnedError error = until_decided(stop, on_long_wait_, [this](int timeout_ms) {
    return rd_kafka_abort_transaction(client_, timeout_ms);
  });
  if (!error && !is_fenced_) return why;
  return error_of(error ? rd_kafka_error_code(error.get()) : 0, "abort a transaction of Kafka",
                  error ? rd_kafka_error_string(error.get()) : "");
}

base::Result<void> TransactionalProducer::commit(std::span<const OutgoingRecord> records,
                                                 const std::stop_token& stop) {
  const OwnedError refused(rd_kafka_begin_transaction(client_), &rd_kafka_error_destroy);
  if (refused) {
    return base::fail(error_of(rd_kafka_error_code(refused.get()), "begin a transaction of Kafka",
                               rd_kafka_error_string(refused.get())));
  }
  base::Result<void> outcome;
  for (size_t i = 0; i < records.size() && outcome; ++i)
    outcome = enqueue(records[i], stop);
  if (outcome) outcome = finish(stop);
  if (outcome) return {};
  // A fenced producer has nothing left to abort, and its newer namesake must not be disturbed.
  const bool is_over = outcome.error().code == base::ErrorCode::kFenced ||
                       rd_kafka_fatal_error(client_, nullptr, 0) != 0;
  const bool is_undecided = outcome.error().code == base::ErrorCode::kInterrupted;
  if (is_over || is_undecided) return outcome;
  return base::fail(abort(std::move(outcome.error()), stop));
}

}  // namespace ticklake::kafka
