#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/client_settings.h"
#include "kafka/watermarks.h"

struct rd_kafka_s;  // librdkafka's, whose header stays out of ours

namespace ticklake::kafka {

struct NewTopic {
  /// As many copies as there are brokers, at most three. Where there are three, two of them have to
  /// have a record before it is acknowledged (min.insync.replicas=2, unless configs say otherwise),
  /// so that one broker may be lost at any time.
  static constexpr int32_t kAsBrokersAllow = 0;

  std::string name = {};
  int32_t partitions = 1;
  int32_t replication_factor = kAsBrokersAllow;
  std::map<std::string, std::string> configs = {};
};

struct TailRecord {
  int64_t offset = 0;
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
};

/// Questions to a Kafka cluster and the creation of topics (librdkafka). One thread. Every call
/// waits at most `timeout` for an answer; no broker is kUnavailable, with advice. What changes
/// topics and groups is in topic_admin.h and group_admin.h.
class Admin {
 public:
  static base::Result<std::unique_ptr<Admin>> start(const std::string& brokers,
                                                    std::chrono::milliseconds timeout,
                                                    const ClientSettings& settings = {});
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  ~Admin();

  /// Fine as soon as one broker answers.
  base::Result<void> wait_until_reachable();
  /// Partitions of the topic; 0 if there is no such topic. Never creates it.
  base::Result<int32_t> partition_count(const std::string& topic);
  /// Makes the topic unless it is there, however it is configured; gives its number of partitions.
  base::Result<int32_t> ensure_topic(const NewTopic& topic);
  base::Result<Watermarks> watermarks(const std::string& topic, int32_t partition);
  /// The last records of a partition, at most `count`, oldest first. Fewer where offsets are taken
  /// by transaction markers or were compacted away.
  base::Result<std::vector<TailRecord>> read_tail(const std::string& topic, int32_t partition,
                                                  int64_t count);

  rd_kafka_s* client() const { return client_; }
  const std::string& brokers() const { return brokers_; }
  std::chrono::milliseconds timeout() const { return timeout_; }

 private:
  Admin(std::string brokers, std::chrono::milliseconds timeout, ClientSettings settings)
      : brokers_(std::move(brokers)), timeout_(timeout), settings_(std::move(settings)) {}
  int timeout_ms() const { return static_cast<int>(timeout_.count()); }

  std::string brokers_ = {};
  std::chrono::milliseconds timeout_;
  ClientSettings settings_ = {};
  rd_kafka_s* client_ = nullptr;
};

}  // namespace ticklake::kafka
