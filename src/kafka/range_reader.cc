#include <librdkafka/rdkafka.h>

#include "kafka/client_error.h"
#include "kafka/consumer.h"

namespace ticklake::kafka {
namespace {

constexpr int kTimeoutMs = 10'000;
constexpr size_t kBatchRecords = 2'000;

struct ClientDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, ClientDeleter>;

base::Result<Client> start_client(const std::string& brokers, const ClientSettings& settings) {
  ClientSettings all{
      {"bootstrap.servers", brokers},         {"client.id", "ticklake-sink-recovery"},
      {"group.id", "ticklake-sink-recovery"}, {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},  {"enable.partition.eof", "true"},
      {"auto.offset.reset", "error"},         {"fetch.wait.max.ms", "50"}};
  all.insert(all.end(), settings.begin(), settings.end());
  TICKLAKE_ASSIGN(rd_kafka_conf_t* const conf, make_client_conf(all));
  TICKLAKE_ASSIGN(rd_kafka_t* const client, make_client(conf, false));
  rd_kafka_poll_set_consumer(client);
  return Client(client);
}

base::Result<void> check_log(rd_kafka_t* client, const TopicPartition& partition, int64_t start,
                             int64_t end) {
  const std::string name = partition.topic + "/" + std::to_string(partition.partition);
  TICKLAKE_ASSIGN(const Watermarks marks,
                  query_watermarks(client, partition.topic, partition.partition,
                                   std::chrono::milliseconds(kTimeoutMs)));
  if (marks.begin <= start && end <= marks.end) return {};
  return base::fail(
      base::ErrorCode::kCorrupt,
      "the broker no longer holds offsets " + std::to_string(start) + " to " + std::to_string(end) +
          " of " + name,
      "its log has offsets " + std::to_string(marks.begin) + " to " + std::to_string(marks.end),
      "the lake promises these rows: restore the broker's log, or the files");
}

base::Result<void> assign(rd_kafka_t* client, const TopicPartition& partition, int64_t start) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, partition.topic.c_str(), partition.partition)->offset =
      start;
  const rd_kafka_resp_err_t error = rd_kafka_assign(client, list);
  rd_kafka_topic_partition_list_destroy(list);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return tl::unexpected(client_error(error, "cannot read " + partition.topic));
}

ConsumedRecord record_of(const rd_kafka_message_t& message, const TopicPartition& partition) {
  ConsumedRecord record{partition.topic, message.partition, message.offset, 0, {}, {}};
  rd_kafka_timestamp_type_t type;
  record.timestamp_ms = std::max<int64_t>(0, rd_kafka_message_timestamp(&message, &type));
  record.has_value = message.payload != nullptr;
  if (record.has_value) {
    record.value = {static_cast<const char*>(message.payload), message.len};
  }
  return record;
}

/// Messages and the records that point into them.
class Batch {
 public:
  explicit Batch(const TopicPartition& partition) : partition_(partition) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() { clear(); }

  void add(rd_kafka_message_t* message) {
    messages_.push_back(message);
    records_.push_back(record_of(*message, partition_));
  }
  void clear() {
    for (rd_kafka_message_t* message : messages_)
      rd_kafka_message_destroy(message);
    messages_.clear();
    records_.clear();
  }
  size_t size() const { return records_.size(); }
  std::span<const ConsumedRecord> records() const { return records_; }

 private:
  const TopicPartition& partition_;
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<ConsumedRecord> records_;
};

}  // namespace

base::Result<void> read_range(const std::string& brokers, const ClientSettings& settings,
                              const TopicPartition& partition, int64_t start, int64_t end,
                              const RangeConsumer& consume) {
  TICKLAKE_ASSIGN(const Client client, start_client(brokers, settings));
  TICKLAKE_TRY(check_log(client.get(), partition, start, end));
  TICKLAKE_TRY(assign(client.get(), partition, start));
  Batch batch(partition);
  base::Result<void> outcome;
  for (bool done = false; !done && outcome;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client.get(), kTimeoutMs);
    if (message == nullptr) {
      outcome = base::fail({base::ErrorCode::kTimeout,
                            "cannot read " + partition.topic,
                            "the broker gave no record for 10 s",
                            {},
                            true});
      break;
    }
    const bool is_record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    // The end may hold no record (a transaction's marker): then the log's end tells.
    done = (is_record && message->offset >= end - 1) ||
           (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && message->offset >= end);
    if (is_record && message->offset < end) {
      batch.add(message);
    } else {
      rd_kafka_message_destroy(message);
    }
    if (batch.size() == kBatchRecords || done) {
      outcome = consume(batch.records());
      batch.clear();
    }
  }
  batch.clear();
  rd_kafka_consumer_close(client.get());
  return outcome;
}

}  // namespace ticklake::kafka
