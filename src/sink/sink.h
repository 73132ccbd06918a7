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
#include <set>
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
#include "message/decoder.h"
#include "sink/committer.h"
#include "sink/dead_letters.h"
#include "sink/flush_policy.h"
#include "sink/problems.h"
#include "table/database.h"
#include "table/live_table.h"

namespace ticklake::sink {

/// What of one table became files just now.
struct CommittedTable {
  const std::string& name;  ///< in SQL
  std::string folder;       ///< in the lake
  std::span<const table::CommittedRange> ranges;
};

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
  message::Decoding decoding = {};  ///< of values that are no JSON objects
  /// Must be there if decoding.registry, and outlive the sink.
  message::SchemaRegistry* registry = nullptr;
  std::chrono::milliseconds session_timeout{10'000};
  /// run() ends by itself once it has all that the topics held when their partitions were taken up.
  bool until_end = false;
  /// Called after each commit, by the threads that commit and take up partitions: others wait
  /// meanwhile. May be null.
  std::function<void(const CommittedTable&)> on_committed = {};
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
  std::string table;  ///< in SQL; empty until it is known
  std::string error;  ///< why it is not read just now; empty if it is
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
  uint64_t dead_letters = 0;       ///< records that could be no rows, in tail and lake
  uint64_t dead_letters_kept = 0;  ///< of those, in the lake, for their topic did not take them
  uint64_t passed_over = 0;        ///< since the start: tombstones and empty arrays
  std::vector<Problem> problems;   ///< what does not work just now
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

  /// Works until `stop` is requested, then flushes what is hot. What fails, a partition, a topic, a
  /// table, fails alone and is tried again (stats() tells); nothing ends this but `stop`.
  void run(std::stop_token stop);
  SinkStats stats() const;
  /// Why a table of that name is not there, if this sink knows its topic; none if it does not.
  std::optional<base::Error> why_absent(std::string_view table) const;

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
    std::string error;    ///< if it has one, it is not read, and none of its rows are hot
    int failures = 0;     ///< in a row
    base::MonotonicTime next_try{};
    /// A flush that failed is tried again then; of the committing thread.
    base::MonotonicTime next_flush{};
  };

  /// A topic at whose next record the schema registry could not be asked. Its rows stay, and go
  /// into files; what follows is read once the registry answers.
  struct Held {
    int32_t partition = 0;
    int64_t offset = 0;
    bool is_waiting = true;  ///< no, from when it is read again until that record is past
    int failures = 0;        ///< in a row
    base::MonotonicTime next_try{};
    std::string error;
  };

  Sink(SinkOptions options, table::Database& database, lake::ObjectStore& store,
       const base::Clock& clock, base::Logger& log, Observer observer);

  base::Result<void> load_tables();
  base::Result<table::LiveTable*> table_of(const std::string& topic);
  base::Result<std::unique_ptr<Committer>> make_committer();
  base::Result<void> start_consumer();
  bool may_write() const;
  void beat() { heartbeat_ns_ = clock_.monotonic_now().time_since_epoch().count(); }

  // Assignment, and what is tried again: sink_assignment.cc.
  std::optional<int64_t> on_assigned(const kafka::TopicPartition& id);
  base::Result<Partition> take_up(const kafka::TopicPartition& id);
  void on_revoked(const kafka::TopicPartition& id);
  void fail_partition(const kafka::TopicPartition& id, const base::Error& error);
  void refuse_topic(const std::string& topic, const std::string& reason);
  void stop_topic(const std::string& topic, const base::Error& error);
  void try_again();
  base::Result<int64_t> restart(const kafka::TopicPartition& id);
  void leave_group(const base::Error& error);
  void forget(table::LiveTable& table, const kafka::TopicPartition& id);
  void note_name(const std::string& topic);
  void note_shared_table(const std::string& topic);

  // From records to rows: sink_records.cc.
  void take(std::span<const kafka::ConsumedRecord> records);
  void take_run(std::span<const kafka::ConsumedRecord> run);
  table::LiveTable* choose(const std::string& topic, std::span<const kafka::ConsumedRecord> run);
  bool append_decoded(table::LiveTable& table, const std::string& topic);
  base::Result<void> append(table::LiveTable& table, const std::string& topic,
                            std::span<const table::SourceRecord> records,
                            std::span<const kafka::ConsumedRecord* const> origins);
  base::Result<void> append_part(table::LiveTable& table, const std::string& topic,
                                 std::span<const table::SourceRecord> records,
                                 std::span<const kafka::ConsumedRecord* const> origins);
  void add_dead_letters(std::vector<DeadLetter> letters);
  void observe(table::LiveTable& table, const std::string& topic,
               std::span<const table::SourceRecord> records, std::span<const size_t> rejected);
  lake::RecordDecoding decoding_now() const;
  base::Result<void> decode(const lake::RecordDecoding& decoding,
                            std::span<const table::SourceRecord> records,
                            const TakeRecords& take_rows);
  void hold(const kafka::TopicPartition& at, int64_t offset, const base::Error& error);
  void release(const kafka::TopicPartition& at);
  void read_held_again();

  // Reading: sink.cc.
  void read(const std::stop_token& stop);
  void flush_what_is_due(bool all);
  void pause_what_is_held_up();
  void measure_rate();
  void note_empty_tables();
  bool is_at_end() const;

  // Committing: sink_commit.cc.
  void commit_loop(const std::stop_token& stop);
  bool commit_next(Committer& committer);
  bool commit_table(Committer& committer, table::LiveTable& table);
  std::vector<table::CommittedRange> commit_partitions(Committer& committer,
                                                       table::LiveTable& table,
                                                       const table::SegmentInfo& segment);
  std::optional<table::CommittedRange> commit_partition(Committer& committer,
                                                        table::LiveTable& table,
                                                        const table::SegmentInfo& segment,
                                                        const kafka::TopicPartition& id);
  void note_durable(std::span<const table::CommittedRange> ranges);
  void tell_committed(const table::LiveTable& table,
                      std::span<const table::CommittedRange> ranges) const;
  bool is_drained() const;
  void wait_until_drained();
  std::vector<table::LiveTable*> tables() const;

  const SinkOptions options_;
  table::Database& database_;
  lake::ObjectStore& store_;
  const base::Clock& clock_;
  base::Logger& log_;
  const Observer observer_;
  Problems problems_;
  DeadLetters dead_letters_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<Committer> recovery_;  ///< of the reading thread, for assignments
  message::Decoder decoder_;             ///< of the reading thread, as the next
  std::vector<const kafka::ConsumedRecord*> chosen_;
  std::vector<table::SourceRecord> records_;
  std::vector<const kafka::ConsumedRecord*> origins_;  ///< of each of records_
  std::atomic<int64_t> heartbeat_ns_ = 0;
  std::atomic<uint64_t> rows_visible_ = 0;
  std::atomic<uint64_t> passed_over_ = 0;
  base::MonotonicTime measured_{};
  base::MonotonicTime next_start_{};     ///< of a consumer that ended
  base::MonotonicTime next_retry_{};     ///< of any partition that failed
  base::MonotonicTime next_held_try_{};  ///< of any topic that is held
  /// Of the reading thread: what it told the consumer not to fetch.
  std::set<kafka::TopicPartition> paused_;
  /// Topics whose appends failed: their hot rows must be gone before they are read again.
  std::set<std::string> abandoned_;

  mutable std::mutex mutex_;         ///< guards all below
  std::condition_variable changed_;  ///< a segment was frozen, or one was committed
  std::map<std::string, std::unique_ptr<table::LiveTable>> tables_;  ///< by folder
  std::map<kafka::TopicPartition, Partition> partitions_;
  std::map<std::string, Throughput> throughput_;  ///< by table
  std::map<std::string, Held> held_;              ///< by topic
};

}  // namespace ticklake::sink
