#include "sink/sink.h"

#include <algorithm>
#include <set>
#include <thread>

#include "lake/layout.h"

namespace ticklake::sink {
namespace {

using kafka::ConsumedRecord;
using kafka::TopicPartition;
using table::SourceRecord;

constexpr std::chrono::milliseconds kPollWait{20};
constexpr size_t kPollRecordsMax = 10'000;
/// Beyond these, reading waits until files are written.
constexpr size_t kFrozenSegmentsMax = 2;
constexpr std::chrono::milliseconds kHeldUpWait{100};
constexpr std::chrono::milliseconds kRateInterval{500};

}  // namespace

Sink::Sink(SinkOptions options, table::Database& database, lake::ObjectStore& store,
           const base::Clock& clock, base::Logger& log, Observer observer)
    : options_(std::move(options)),
      database_(database),
      store_(store),
      clock_(clock),
      log_(log),
      observer_(std::move(observer)),
      dead_letters_(options_.brokers, options_.settings) {
  beat();
}

Sink::~Sink() = default;

base::Result<std::unique_ptr<Sink>> Sink::start(SinkOptions options, table::Database& database,
                                                lake::ObjectStore& store, const base::Clock& clock,
                                                base::Logger& log, Observer observer) {
  for (const std::string& topic : options.topics) {
    if (lake::is_sunk_topic(topic)) continue;
    return base::fail(base::ErrorCode::kInvalidArgument, "cannot sink the topic " + topic,
                      "internal and dead-letter topics do not become tables", "name another topic");
  }
  std::unique_ptr<Sink> sink(
      new Sink(std::move(options), database, store, clock, log, std::move(observer)));
  TICKLAKE_TRY(sink->load_tables());
  TICKLAKE_ASSIGN(sink->recovery_, sink->make_committer());
  kafka::ConsumerOptions consumer;
  consumer.brokers = sink->options_.brokers;
  consumer.group = sink->options_.group;
  consumer.instance_id = sink->options_.instance_id;
  consumer.session_timeout = sink->options_.session_timeout;
  consumer.topics = sink->options_.topics;
  consumer.settings = sink->options_.settings;
  Sink* const self = sink.get();
  kafka::RebalanceListener listener;
  listener.on_assigned = [self](const TopicPartition& id) { return self->on_assigned(id); };
  listener.on_revoked = [self](const TopicPartition& id) { self->on_revoked(id); };
  listener.on_lost_position = [self](const TopicPartition& id, const std::string& reason) {
    self->fail_partition(id, {base::ErrorCode::kCorrupt,
                              "cannot read on in " + id.topic + "/" + std::to_string(id.partition),
                              "the broker's log no longer holds the position: " + reason,
                              "restore the broker's log; nothing was skipped", false});
  };
  TICKLAKE_ASSIGN(sink->consumer_, kafka::Consumer::start(consumer, std::move(listener)));
  return sink;
}

base::Result<void> Sink::load_tables() {
  TICKLAKE_ASSIGN(const std::vector<std::string> names, lake::list_tables(store_));
  for (const std::string& name : names) {
    TICKLAKE_ASSIGN(tables_[name], table::LiveTable::open(database_, store_, clock_, name));
    for (const auto& [chain, error] : tables_[name]->broken()) {
      log_.error("{}: {}", chain.text(), to_line(error));
    }
  }
  return {};
}

base::Result<table::LiveTable*> Sink::table_of(const std::string& topic) {
  const std::string name = lake::table_name(topic);
  {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.find(name);
    if (found != tables_.end()) return found->second.get();
  }
  TICKLAKE_ASSIGN(auto opened, table::LiveTable::open(database_, store_, clock_, name));
  const std::lock_guard lock(mutex_);
  return (tables_[name] = std::move(opened)).get();
}

bool Sink::may_write() const {
  const std::chrono::nanoseconds since =
      clock_.monotonic_now().time_since_epoch() - std::chrono::nanoseconds(heartbeat_ns_.load());
  return since < options_.session_timeout;
}

base::Result<void> Sink::run(std::stop_token stop) {
  beat();
  std::jthread committer([this](std::stop_token done) { commit_loop(std::move(done)); });
  auto outcome = read(stop);
  if (outcome) outcome = flush_what_is_due(true);
  if (outcome) wait_until_drained();
  committer.request_stop();
  committer.join();
  std::unique_ptr<kafka::Consumer> leaving;
  {
    const std::lock_guard lock(mutex_);
    leaving = std::move(consumer_);
  }
  return outcome;
}

base::Result<void> Sink::read(std::stop_token stop) {
  measured_ = clock_.monotonic_now();
  while (!stop.stop_requested()) {
    beat();
    wait_while_held_up();
    TICKLAKE_ASSIGN(const std::span<const ConsumedRecord> records,
                    consumer_->poll(kPollWait, kPollRecordsMax));
    TICKLAKE_TRY(take(records));
    TICKLAKE_TRY(flush_what_is_due(false));
    measure_rate();
    if (options_.until_end && is_at_end()) return {};
  }
  return {};
}

bool Sink::is_at_end() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> topics;
  for (const auto& [id, partition] : partitions_) {
    if (partition.error.empty() && partition.position < partition.log_end) return false;
    topics.insert(id.topic);
  }
  return !topics.empty() && topics.size() >= options_.topics.size();
}

base::Result<void> Sink::take(std::span<const ConsumedRecord> records) {
  while (!records.empty()) {
    size_t count = 1;
    while (count < records.size() && records[count].topic == records[0].topic)
      ++count;
    TICKLAKE_TRY(take_run(records.first(count)));
    records = records.subspan(count);
  }
  return {};
}

base::Result<void> Sink::take_run(std::span<const ConsumedRecord> run) {
  records_.clear();
  keys_.clear();
  table::LiveTable* table = nullptr;
  const std::string topic(run.front().topic);
  {
    const std::lock_guard lock(mutex_);
    Partition* partition = nullptr;
    int32_t looked_up = -1;
    for (const ConsumedRecord& record : run) {
      if (record.partition != looked_up) {
        const auto found = partitions_.find({topic, record.partition});
        partition = found == partitions_.end() ? nullptr : &found->second;
        looked_up = record.partition;
      }
      if (partition == nullptr || !partition->error.empty()) continue;
      if (record.offset < partition->position) continue;
      partition->position = record.offset + 1;
      table = partition->table;
      records_.push_back(
          {record.partition, record.offset, record.timestamp_ms * 1'000, record.value});
      keys_.push_back(record.key);
    }
  }
  return table == nullptr ? base::Result<void>() : append(*table, topic, records_, keys_);
}

base::Result<void> Sink::append(table::LiveTable& table, const std::string& topic,
                                std::span<const SourceRecord> records,
                                std::span<const std::optional<std::string_view>> keys) {
  while (!records.empty()) {
    const uint64_t there = table.active_size(topic).records;
    const uint64_t room = options_.flush.rows_max > there ? options_.flush.rows_max - there : 1;
    const size_t count = std::min<uint64_t>(records.size(), room);
    TICKLAKE_TRY(append_part(table, topic, records.first(count), keys.first(count)));
    records = records.subspan(count);
    keys = keys.subspan(count);
    if (table.active_size(topic).records >= options_.flush.rows_max) {
      TICKLAKE_TRY(table.freeze(topic));
      changed_.notify_all();
    }
  }
  return {};
}

base::Result<void> Sink::append_part(table::LiveTable& table, const std::string& topic,
                                     std::span<const SourceRecord> records,
                                     std::span<const std::optional<std::string_view>> keys) {
  std::vector<size_t> rejected;
  const auto reject = [&](const SourceRecord& record, const std::string& reason) {
    const auto index = static_cast<size_t>(&record - records.data());
    std::optional<std::string> key;
    if (keys[index]) key = std::string(*keys[index]);
    dead_letters_.add({topic, record.partition, record.offset, std::move(key),
                       std::string(record.value), reason});
    rejected.push_back(index);
  };
  TICKLAKE_ASSIGN(const size_t added, table.append(topic, records, reject));
  rows_visible_ += added;
  {
    const std::lock_guard lock(mutex_);
    throughput_[table.name()].rows += added;
  }
  if (!observer_ || added == 0) return {};
  if (rejected.empty()) {
    observer_({topic, table.name(), records});
    return {};
  }
  std::vector<SourceRecord> rows;
  for (size_t i = 0; i < records.size(); ++i) {
    if (!std::ranges::binary_search(rejected, i)) rows.push_back(records[i]);
  }
  observer_({topic, table.name(), rows});
  return {};
}

base::Result<void> Sink::flush_what_is_due(bool all) {
  std::map<std::string, table::LiveTable*> topics;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, partition] : partitions_)
      topics.emplace(id.topic, partition.table);
  }
  const base::MonotonicTime now = clock_.monotonic_now();
  for (const auto& [topic, table] : topics) {
    if (table == nullptr) continue;
    const table::ActiveSize size = table->active_size(topic);
    if (!all && !should_flush(options_.flush, size.records, size.bytes, size.opened, now)) continue;
    TICKLAKE_TRY(table->freeze(topic));
    changed_.notify_all();
  }
  return {};
}

bool Sink::is_held_up() const {
  if (dead_letters_.is_full()) return true;
  return std::ranges::any_of(tables_, [](const auto& table) {
    return table.second->stats().segments_frozen >= kFrozenSegmentsMax;
  });
}

void Sink::wait_while_held_up() {
  std::unique_lock lock(mutex_);
  if (!is_held_up() && !is_paused_) return;
  // A flush takes about as long as this; only a disk that stays full takes longer.
  changed_.wait_for(lock, kHeldUpWait, [this] { return !is_held_up(); });
  const bool pause = is_held_up();
  lock.unlock();
  if (pause != is_paused_) consumer_->set_paused(pause);
  is_paused_ = pause;
}

void Sink::measure_rate() {
  const base::MonotonicTime now = clock_.monotonic_now();
  if (now - measured_ < kRateInterval) return;
  const double seconds = std::chrono::duration<double>(now - measured_).count();
  measured_ = now;
  const std::lock_guard lock(mutex_);
  for (auto& [name, table] : throughput_) {
    table.rows_per_second = static_cast<double>(table.rows - table.rows_at_measure) / seconds;
    table.rows_at_measure = table.rows;
  }
}

SinkStats Sink::stats() const {
  SinkStats stats;
  stats.rows_visible = rows_visible_;
  stats.dead_letters = dead_letters_.count();
  const std::lock_guard lock(mutex_);
  stats.error = error_;
  for (const auto& [id, partition] : partitions_) {
    PartitionStats& item = stats.partitions.emplace_back();
    item.topic = id.topic;
    item.partition = id.partition;
    item.visible_offset = partition.position;
    item.durable_offset = partition.durable;
    item.log_end_offset = consumer_ == nullptr ? -1 : consumer_->cached_end(id);
    item.log_end_offset = std::max(item.log_end_offset, partition.position);
    item.lag = item.log_end_offset - partition.position;
    item.error = partition.error;
    if (stats.error.empty()) stats.error = partition.error;
  }
  for (const auto& [name, table] : tables_) {
    const auto measured = throughput_.find(name);
    const double rate = measured == throughput_.end() ? 0 : measured->second.rows_per_second;
    stats.tables.push_back({name, table->stats(), rate});
    stats.rows_per_second += rate;
  }
  return stats;
}

}  // namespace ticklake::sink
