#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/client_settings.h"
#include "kafka/record_batch.h"

// librdkafka's types, whose header stays out of ours.
struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_message_s;

namespace ticklake::kafka {

struct ProducerOptions {
  std::string brokers = {};  ///< HOST:PORT[,HOST:PORT…]
  std::string client_id = "ticklake";
  std::chrono::microseconds linger{1000};  ///< how long a batch may wait to fill up
  /// Acknowledged by all in-sync replicas and idempotent: in order, none twice, none missing.
  /// Without it: acks=1, and a crash of the broker may lose what was acknowledged.
  bool durable = true;
  uint32_t queue_records_max = 100'000;
  uint32_t queue_kilobytes_max = 65'536;
  /// A record not acknowledged for so long has failed. Zero waits for ever.
  std::chrono::milliseconds delivery_timeout{300'000};
  Codec codec = Codec::kNone;
  ClientSettings settings = {};  ///< librdkafka's, over all of the above
};

/// What is handed to the producer; all of it is copied.
struct OutgoingRecord {
  std::string_view topic = {};
  int32_t partition = -1;  ///< -1: by the key's hash, without a key by turns
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};
  int64_t timestamp_ms = 0;  ///< 0: now
  std::span<const RecordHeader> headers = {};
};

struct ProducerStats {
  uint64_t queued = 0;        ///< taken by produce()
  uint64_t acknowledged = 0;  ///< on the broker
  uint64_t failed = 0;        ///< given up, for the reason that the next call returns
};

/// A Kafka producer (librdkafka). One thread produces; stats() is safe from any thread.
/// The first record that cannot be delivered fails the producer: from then on produce() and
/// flush() return why. What a durable producer did deliver is then still a gapless prefix of what
/// each partition was given.
class Producer {
 public:
  /// Does not connect; see Admin::wait_until_reachable() for that.
  static base::Result<std::unique_ptr<Producer>> start(const ProducerOptions& options);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  /// Drops what is not yet on the broker: flush() first.
  ~Producer();

  /// Queues one record. While the queue is full it waits for room, until `stop` is requested
  /// (kInterrupted). A record too large for the broker is kInvalidData and fails nothing else.
  base::Result<void> produce(const OutgoingRecord& record, const std::stop_token& stop);
  /// Takes in acknowledgements without waiting. Needed only where nothing else is called for long.
  void poll();
  /// Waits until every record is acknowledged; kTimeout with how many are not after `bound`.
  base::Result<void> flush(std::chrono::milliseconds bound);
  ProducerStats stats() const;

 private:
  Producer() = default;
  static void on_delivery(rd_kafka_s* client, const rd_kafka_message_s* message, void* opaque);
  int enqueue(const OutgoingRecord& record);
  base::Result<rd_kafka_topic_s*> topic_handle(std::string_view topic);
  base::Result<void> check_failure() const;

  rd_kafka_s* client_ = nullptr;
  std::map<std::string, rd_kafka_topic_s*, std::less<>> topics_;
  std::atomic<uint64_t> queued_ = 0;
  std::atomic<uint64_t> acknowledged_ = 0;
  std::atomic<uint64_t> failed_ = 0;
  int first_failure_ = 0;
  uint32_t since_poll_ = 0;
};

}  // namespace ticklake::kafka
