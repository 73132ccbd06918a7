#include "kafka/producer.h"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "kafka/client_error.h"

namespace ticklake::kafka {
namespace {

/// Acknowledgements are taken in once in so many records; each look costs a lock.
constexpr uint32_t kRecordsPerPoll = 64;
constexpr int kFullQueuePollMs = 10;

const char* codec_name(Codec codec) {
  switch (codec) {
    case Codec::kGzip: return "gzip";
    case Codec::kSnappy: return "snappy";
    case Codec::kLz4: return "lz4";
    case Codec::kZstd: return "zstd";
    default: return "none";
  }
}

ClientSettings settings_of(const ProducerOptions& options) {
  ClientSettings settings{
      {"bootstrap.servers", options.brokers},
      {"client.id", options.client_id},
      {"linger.ms", fmt::format("{}", static_cast<double>(options.linger.count()) / 1000.0)},
      {"queue.buffering.max.messages", fmt::format("{}", options.queue_records_max)},
      {"queue.buffering.max.kbytes", fmt::format("{}", options.queue_kilobytes_max)},
      {"message.timeout.ms", fmt::format("{}", options.delivery_timeout.count())},
      {"compression.type", codec_name(options.codec)},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.max.ms", "1000"},
  };
  if (options.durable) {
    // Gapless: after a record that failed, none of the later ones may arrive either.
    settings.insert(
        settings.end(),
        {{"acks", "all"}, {"enable.idempotence", "true"}, {"enable.gapless.guarantee", "true"}});
  } else {
    settings.emplace_back("acks", "1");
  }
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  return settings;
}

rd_kafka_vu_t bytes_argument(rd_kafka_vtype_t type, std::optional<std::string_view> bytes) {
  rd_kafka_vu_t argument{};
  argument.vtype = type;
  // librdkafka copies them (RD_KAFKA_MSG_F_COPY) but does not say so with const.
  if (bytes) argument.u.mem = {const_cast<char*>(bytes->data()), bytes->size()};
  return argument;
}

}  // namespace

base::Result<std::unique_ptr<Producer>> Producer::start(const ProducerOptions& options) {
  std::unique_ptr<Producer> producer(new Producer);
  TICKLAKE_ASSIGN(rd_kafka_conf_s * conf, make_client_conf(settings_of(options)));
  rd_kafka_conf_set_opaque(conf, producer.get());
  rd_kafka_conf_set_dr_msg_cb(conf, &Producer::on_delivery);
  TICKLAKE_ASSIGN(producer->client_, make_client(conf, true));
  return producer;
}

Producer::~Producer() {
  if (client_ == nullptr) return;
  for (const auto& [name, handle] : topics_)
    rd_kafka_topic_destroy(handle);
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy(client_);
}

void Producer::on_delivery(rd_kafka_s*, const rd_kafka_message_s* message, void* opaque) {
  auto& producer = *static_cast<Producer*>(opaque);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    producer.acknowledged_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (producer.first_failure_ == 0) producer.first_failure_ = message->err;
  producer.failed_.fetch_add(1, std::memory_order_relaxed);
}

base::Result<void> Producer::check_failure() const {
  std::array<char, 512> text{};
  if (const auto fatal = rd_kafka_fatal_error(client_, text.data(), text.size());
      fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    base::Error error =
        client_error(first_failure_ != 0 ? first_failure_ : int{fatal}, "produce to Kafka");
    error.cause = text.data();
    return base::fail(std::move(error));
  }
  if (first_failure_ != 0) return base::fail(client_error(first_failure_, "produce to Kafka"));
  return {};
}

base::Result<rd_kafka_topic_s*> Producer::topic_handle(std::string_view topic) {
  if (const auto known = topics_.find(topic); known != topics_.end()) return known->second;
  const std::string name(topic);
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client_, name.c_str(), nullptr);
  if (handle == nullptr) {
    return base::fail(client_error(rd_kafka_last_error(), "produce to topic '" + name + "'"));
  }
  return topics_.emplace(name, handle).first->second;
}

/// rd_kafka_resp_err_t of one attempt. Headers need the slower of librdkafka's two ways.
int Producer::enqueue(const OutgoingRecord& record) {
  rd_kafka_topic_t* topic = topics_.find(record.topic)->second;
  if (record.headers.empty() && record.timestamp_ms == 0 && record.value) {
    const bool taken =
        rd_kafka_produce(topic, record.partition, RD_KAFKA_MSG_F_COPY,
                         const_cast<char*>(record.value->data()), record.value->size(),
                         record.key ? record.key->data() : nullptr,
                         record.key ? record.key->size() : 0, nullptr) == 0;
    return taken ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
  }
  std::array<rd_kafka_vu_t, 7> arguments{};
  size_t count = 0;
  arguments[count].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[count++].u.rkt = topic;
  arguments[count].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[count++].u.i32 = record.partition;
  arguments[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[count++].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  arguments[count++].u.i64 = record.timestamp_ms;
  arguments[count++] = bytes_argument(RD_KAFKA_VTYPE_KEY, record.key);
  arguments[count++] = bytes_argument(RD_KAFKA_VTYPE_VALUE, record.value);
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const RecordHeader& header : record.headers) {
    rd_kafka_header_add(headers, header.key.data(), static_cast<ssize_t>(header.key.size()),
                        header.value ? header.value->data() : nullptr,
                        header.value ? static_cast<ssize_t>(header.value->size()) : 0);
  }
  arguments[count].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[count++].u.headers = headers;
  rd_kafka_error_t* error = rd_kafka_produceva(client_, arguments.data(), count);
  if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;  // the headers are librdkafka's now
  const int code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  rd_kafka_headers_destroy(headers);
  return code;
}

base::Result<void> Producer::produce(const OutgoingRecord& record, const std::stop_token& stop) {
  TICKLAKE_TRY(topic_handle(record.topic));
  if (++since_poll_ >= kRecordsPerPoll) poll();
  while (true) {
    if (first_failure_ != 0) return check_failure();
    const int code = enqueue(record);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      queued_.fetch_add(1, std::memory_order_relaxed);
      return {};
    }
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      first_failure_ = code;
      return check_failure();
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return base::fail(client_error(code, fmt::format("produce to topic '{}'", record.topic)));
    }
    if (stop.stop_requested()) {
      return base::fail(base::ErrorCode::kInterrupted, "produce to Kafka",
                        "stopped while its queue was full");
    }
    rd_kafka_poll(client_, kFullQueuePollMs);
  }
}

void Producer::poll() {
  since_poll_ = 0;
  rd_kafka_poll(client_, 0);
}

base::Result<void> Producer::flush(std::chrono::milliseconds bound) {
  rd_kafka_flush(client_, static_cast<int>(bound.count()));
  TICKLAKE_TRY(check_failure());
  const int left = rd_kafka_outq_len(client_);
  if (left == 0) return {};
  return base::fail({.code = base::ErrorCode::kTimeout,
                     .what = fmt::format("{} records were not acknowledged", left),
                     .cause = fmt::format("the broker did not answer within {} ms", bound.count()),
                     .advice = "look whether the broker is up and its disk keeps pace",
                     .retriable = true});
}

ProducerStats Producer::stats() const {
  return {.queued = queued_.load(std::memory_order_relaxed),
          .acknowledged = acknowledged_.load(std::memory_order_relaxed),
          .failed = failed_.load(std::memory_order_relaxed)};
}

}  // namespace ticklake::kafka
