#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "kafka/client_security.h"
#include "kafka/client_settings.h"
#include "kafka/consumer.h"
#include "lake/object_store.h"
#include "sink/committer.h"
#include "sink/dead_letters.h"
#include "sink/flush_policy.h"
#include "table/database.h"
#include "table/live_table.h"

namespace ticklake::sink {

struct SinkOptions {
  std::string brokers = {};             ///< HOST:PORT[,HOST:PORT…]
  kafka::ClientSettings settings = {};  ///< librdkafka's, for all clients of the sink
  kafka::ClientSecurity security = {};  ///< what these say, for a connection of our own
  std::string group = "ticklake-sink";
  /// As in kafka::ConsumerOptions: a name for good lets a restart after a crash go on at once.
  std::string instance_id = {};
  std::vector<std::string> topics = {};  ///< empty: all, as in kafka::ConsumerOptions
  FlushPolicy flush = {};
  lake::Encoding encoding = lake::Encoding::kParquet;
  std::chrono::milliseconds session_timeout{10'000};
  /// run() ends by itself once it has all that the topics held when their partitions were taken up.
  bool until_end = false;
  /// How long run() may take for its last flush after it was told to stop.
  std::chrono::nanoseconds drain_max = std::chrono::seconds(30);
};

/// Records of one topic that became visible in SQL together.
struct VisibleRows {
  const std::string& topic;
  const std::string& table;
  std::span<const table::SourceRecord> rows;  ///< values are the JSON objects
};

struct PartitionStats {
  std::string topic;
  int32_t partition = 0;
  int64_t visible_offset = 0;  ///< after the last record that is in SQL
  int64_t durable_offset = 0;  ///< after the last record that is in files
  int64_t log_end_offset = 0;
  int64_t lag = 0;    ///< records in the log that are not in SQL yet
  std::string error;  ///< why the partition stopped; empty if it has not
};

struct TableStats {
  std::string name;
  table::LiveTableStats table;
  double rows_per_second = 0;  ///< that became visible
};

struct SinkStats {
  std::vector<PartitionStats> partitions;
  std::vector<TableStats> tables;
  uint64_t rows_visible = 0;  ///< added since the start
  double rows_per_second = 0;
  uint64_t dead_letters = 0;
  std::string error;  ///< what keeps it from making rows durable just now; empty if nothing
};

/// Topics -> live tables -> lake, each record exactly once. Positions come from the lake's chains
/// of boundary records; the group only shares out partitions. See docs/formats/lake.md.
class Sink {
 public:
  using Observer = std::function<void(const VisibleRows&)>;

  /// Makes the tables of what the lake holds already, and joins the group in the background.
  /// All references must outlive the sink; `observer` is called by the thread of run().
  static base::Result<std::unique_ptr<Sink>> start(SinkOptions options, table::Database& database,
                                                   lake::ObjectStore& store,
                                                   const base::Clock& clock, base::Logger& log,
                                                   Observer observer);
  ~Sink();

  /// Works until `stop` is requested, then flushes what is hot. Partitions that fail stop one by
  /// one (stats() tells); an Error is what stops all of them.
  base::Result<void> run(std::stop_token stop);
  SinkStats stats() const;

 private:
  /// Of one table.
  struct Throughput {
    uint64_t rows = 0;
    uint64_t rows_at_measure = 0;
    double rows_per_second = 0;
  };
  struct Partition {
    table::LiveTable* table = nullptr;
    lake::ChainId chain;
    int64_t position = 0;
    int64_t durable = 0;
    int64_t log_start = 0;
    int64_t log_end = 0;  ///< when it was taken up
    std::string error;
  };

  Sink(SinkOptions options, table::Database& database, lake::ObjectStore& store,
       const base::Clock& clock, base::Logger& log, Observer observer);

  base::Result<void> load_tables();
  base::Result<table::LiveTable*> table_of(const std::string& topic);
  base::Result<std::unique_ptr<Committer>> make_committer();
  bool may_write() const;
  void beat() { heartbeat_ns_ = clock_.monotonic_now().time_since_epoch().count(); }

  // Assignment: sink_assignment.cc.
  std::optional<int64_t> on_assigned(const kafka::TopicPartition& id);
  base::Result<Partition> take_up(const kafka::TopicPartition& id);
  void on_revoked(const kafka::TopicPartition& id);
  void fail_partition(const kafka::TopicPartition& id, const base::Error& error);

  // Reading: sink.cc.
  base::Result<void> read(std::stop_token stop);
  base::Result<void> take(std::span<const kafka::ConsumedRecord> records);
  base::Result<void> take_run(std::span<const kafka::ConsumedRecord> run);
  base::Result<void> append(table::LiveTable& table, const std::string& topic,
                            std::span<const table::SourceRecord> records,
                            std::span<const std::optional<std::string_view>> keys);
  base::Result<void> append_part(table::LiveTable& table, const std::string& topic,
                                 std::span<const table::SourceRecord> records,
                                 std::span<const std::optional<std::string_view>> keys);
  base::Result<void> flush_what_is_due(bool all);
  bool is_held_up() const;
  void wait_while_held_up();
  void measure_rate();
  bool is_at_end() const;

  // Committing: sink_commit.cc.
  void commit_loop(std::stop_token stop);
  base::Result<bool> commit_next(Committer& committer);
  base::Result<void> commit_segment(Committer& committer, table::LiveTable& table,
                                    const table::SegmentInfo& segment);
  void wait_until_drained();
  std::vector<table::LiveTable*> tables() const;

  const SinkOptions options_;
  table::Database& database_;
  lake::ObjectStore& store_;
  const base::Clock& clock_;
  base::Logger& log_;
  const Observer observer_;
  DeadLetters dead_letters_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<Committer> recovery_;  ///< of the reading thread, for assignments
  std::vector<table::SourceRecord> records_;
  std::vector<std::optional<std::string_view>> keys_;
  std::atomic<int64_t> heartbeat_ns_ = 0;
  std::atomic<uint64_t> rows_visible_ = 0;
  base::MonotonicTime measured_{};
  bool is_paused_ = false;

  mutable std::mutex mutex_;         ///< guards all below
  std::condition_variable changed_;  ///< a segment was frozen, or one was committed
  std::map<std::string, std::unique_ptr<table::LiveTable>> tables_;
  std::map<kafka::TopicPartition, Partition> partitions_;
  std::map<std::string, Throughput> throughput_;  ///< by table
  std::string error_;
};

}  // namespace ticklake::sink
