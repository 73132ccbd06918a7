#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kafka/admin.h"

struct rd_kafka_s;  // librdkafka's, whose header stays out of ours
struct rd_kafka_queue_s;
struct rd_kafka_message_s;
struct rd_kafka_topic_partition_list_s;

namespace ticklake::kafka {

struct ConsumerOptions {
  std::string brokers = {};
  std::string group = {};
  /// Names this member for good (KIP-345), so that it takes up its partitions at once after a
  /// crash; empty: a member of its own with each start.
  std::string instance_id = {};
  std::chrono::milliseconds session_timeout{10'000};
  /// Topics to read; empty: all but internal ones ("__…") and those that end in ".dead-letter",
  /// also those that appear later.
  std::vector<std::string> topics = {};
  ClientSettings settings = {};  ///< librdkafka's, over all of the above
};

struct TopicPartition {
  std::string topic = {};
  int32_t partition = 0;

  auto operator<=>(const TopicPartition&) const = default;
};

/// A record as the broker gave it; the views are good until the next poll().
struct ConsumedRecord {
  std::string_view topic;
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::optional<std::string_view> key;
  std::string_view value;  ///< empty for none
  bool has_value = true;   ///< a record without one is a tombstone
};

/// What a consumer calls from inside poll() and close() when the group gives or takes partitions.
struct RebalanceListener {
  /// The offset to read the partition from; none: leave it alone.
  std::function<std::optional<int64_t>(const TopicPartition&)> on_assigned;
  std::function<void(const TopicPartition&)> on_revoked;
  /// A partition that cannot be read on: its position is no longer in the log.
  std::function<void(const TopicPartition&, const std::string& reason)> on_lost_position;
  /// A topic that this client may not read.
  std::function<void(const std::string& topic, const std::string& reason)> on_refused_topic;
};

/// A member of a consumer group (librdkafka, cooperative-sticky) that is told where to read from
/// and never commits by itself. One thread, but commit(), watermarks() and cached_end() are safe
/// from any.
class Consumer {
 public:
  /// Subscribes; does not wait for a broker.
  static base::Result<std::unique_ptr<Consumer>> start(const ConsumerOptions& options,
                                                       RebalanceListener listener);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  /// Leaves the group (a static member stays) without calling the listener; within seconds, whether
  /// a broker answers or not.
  ~Consumer();

  /// Records that are there, at most `records_max`; waits up to `wait` for the first. Offsets of a
  /// partition ascend. kUnavailable while no broker can be reached; other errors are for good.
  base::Result<std::span<const ConsumedRecord>> poll(std::chrono::milliseconds wait,
                                                     size_t records_max);
  /// Stops (or goes on) fetching these partitions, which must be assigned; poll() still serves the
  /// group.
  void set_paused(std::span<const TopicPartition> partitions, bool paused);
  /// Reads an assigned partition from `offset` on, whether it was paused, left alone or lost its
  /// position. Between two poll()s.
  base::Result<void> read_from(const TopicPartition& partition, int64_t offset,
                               std::chrono::milliseconds timeout);
  /// Stores the group's offset in the background: a hint for those who watch the lag.
  void commit(const TopicPartition& partition, int64_t offset);
  /// Asks the broker.
  base::Result<Watermarks> watermarks(const TopicPartition& partition,
                                      std::chrono::milliseconds timeout);
  /// The log's end as the last fetch knew it; -1 if not known.
  int64_t cached_end(const TopicPartition& partition) const;

 private:
  explicit Consumer(RebalanceListener listener) : listener_(std::move(listener)) {}
  static void on_rebalance(rd_kafka_s* client, int error, rd_kafka_topic_partition_list_s* list,
                           void* opaque);
  bool close();
  void assign(rd_kafka_topic_partition_list_s* list);
  void revoke(rd_kafka_topic_partition_list_s* list);
  void take(rd_kafka_message_s* message);
  void drop_messages();
  void seek_again();

  RebalanceListener listener_;
  rd_kafka_s* client_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
  std::vector<rd_kafka_message_s*> messages_;
  std::vector<ConsumedRecord> records_;
  std::vector<std::pair<TopicPartition, int64_t>> just_assigned_;
  std::optional<base::Error> error_;
  bool closing_ = false;
};

using RangeConsumer = std::function<base::Result<void>(std::span<const ConsumedRecord>)>;

/// Reads offsets [start, end) of one partition by a consumer of its own, outside any group, in
/// order; offsets that hold no record are passed over, and keys are not given. kCorrupt, naming
/// partition and offsets, if the log does not reach from `start` to `end`.
base::Result<void> read_range(const std::string& brokers, const ClientSettings& settings,
                              const TopicPartition& partition, int64_t start, int64_t end,
                              const RangeConsumer& consume);

}  // namespace ticklake::kafka
