#include "sink/sink.h"

#include <algorithm>
#include <set>
#include <thread>

#include "lake/layout.h"

namespace ticklake::sink {
namespace {

using kafka::TopicPartition;

constexpr std::chrono::milliseconds kPollWait{20};
constexpr size_t kPollRecordsMax = 10'000;
/// Beyond these, reading a topic waits until files are written.
constexpr size_t kFrozenSegmentsMax = 2;
/// A run that ends by itself gives a partition up after so many failures.
constexpr int kTriesUntilEnd = 5;
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
      problems_(clock, log),
      dead_letters_(options_.brokers, options_.settings, store, clock, problems_),
      decoder_(options_.decoding, options_.registry) {
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
  TICKLAKE_TRY(sink->start_consumer());
  return sink;
}

base::Result<void> Sink::start_consumer() {
  kafka::ConsumerOptions consumer;
  consumer.brokers = options_.brokers;
  consumer.group = options_.group;
  consumer.instance_id = options_.instance_id;
  consumer.session_timeout = options_.session_timeout;
  consumer.topics = options_.topics;
  consumer.settings = options_.settings;
  kafka::RebalanceListener listener;
  listener.on_assigned = [this](const TopicPartition& id) { return on_assigned(id); };
  listener.on_revoked = [this](const TopicPartition& id) { on_revoked(id); };
  listener.on_lost_position = [this](const TopicPartition& id, const std::string& reason) {
    fail_partition(id, {base::ErrorCode::kCorrupt, "cannot read on",
                        "the broker's log no longer holds the position: " + reason,
                        "restore the broker's log; nothing was skipped", false});
  };
  listener.on_refused_topic = [this](const std::string& topic, const std::string& reason) {
    refuse_topic(topic, reason);
  };
  TICKLAKE_ASSIGN(auto started, kafka::Consumer::start(consumer, std::move(listener)));
  const std::lock_guard lock(mutex_);
  consumer_ = std::move(started);
  return {};
}

base::Result<void> Sink::load_tables() {
  TICKLAKE_ASSIGN(const std::vector<std::string> folders, lake::list_tables(store_));
  for (const std::string& folder : folders) {
    auto table = table::LiveTable::open(database_, store_, clock_, folder);
    if (!table) {
      problems_.set(folder, "its files cannot be read: " + to_line(table.error()));
      continue;
    }
    for (const auto& [chain, error] : (*table)->broken()) {
      problems_.set(chain.text(), "its files cannot be read: " + to_line(error));
    }
    tables_[folder] = std::move(*table);
  }
  if (const auto counted = dead_letters_.count_kept(); !counted) {
    problems_.set("dead letters in the lake", to_line(counted.error()));
  }
  return {};
}

base::Result<table::LiveTable*> Sink::table_of(const std::string& topic) {
  const std::string folder = lake::table_name(topic);
  {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.find(folder);
    if (found != tables_.end()) return found->second.get();
  }
  TICKLAKE_ASSIGN(auto opened, table::LiveTable::open(database_, store_, clock_, folder));
  problems_.clear(folder);
  const std::lock_guard lock(mutex_);
  return (tables_[folder] = std::move(opened)).get();
}

bool Sink::may_write() const {
  const std::chrono::nanoseconds since =
      clock_.monotonic_now().time_since_epoch() - std::chrono::nanoseconds(heartbeat_ns_.load());
  return since < options_.session_timeout;
}

void Sink::run(std::stop_token stop) {
  beat();
  {
    const std::jthread letters([this](const std::stop_token& done) { dead_letters_.run(done); });
    const std::jthread committer([this](const std::stop_token& done) { commit_loop(done); });
    read(stop);
    flush_what_is_due(true);
    wait_until_drained();
  }
  std::unique_ptr<kafka::Consumer> leaving;
  {
    const std::lock_guard lock(mutex_);
    leaving = std::move(consumer_);
  }
}

void Sink::read(const std::stop_token& stop) {
  measured_ = clock_.monotonic_now();
  while (!stop.stop_requested()) {
    beat();
    pause_what_is_held_up();
    try_again();
    read_held_again();
    if (consumer_ != nullptr) {
      if (const auto records = consumer_->poll(kPollWait, kPollRecordsMax)) {
        take(*records);
      } else {
        leave_group(records.error());
      }
    }
    flush_what_is_due(false);
    measure_rate();
    if (options_.until_end && is_at_end()) return;
  }
}

bool Sink::is_at_end() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> topics;
  for (const auto& [id, partition] : partitions_) {
    const auto held = held_.find(id.topic);
    const bool is_given_up = (!partition.error.empty() && partition.failures >= kTriesUntilEnd) ||
                             (held != held_.end() && held->second.failures >= kTriesUntilEnd);
    if (!is_given_up && (!partition.error.empty() || partition.position < partition.log_end)) {
      return false;
    }
    topics.insert(id.topic);
  }
  return !topics.empty() && topics.size() >= options_.topics.size();
}

void Sink::flush_what_is_due(bool all) {
  std::map<std::string, table::LiveTable*> topics;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, partition] : partitions_)
      topics.emplace(id.topic, partition.table);
  }
  const base::MonotonicTime now = clock_.monotonic_now();
  for (const auto& [topic, table] : topics) {
    if (table == nullptr || abandoned_.contains(topic)) continue;
    const table::ActiveSize size = table->active_size(topic);
    if (!all && !should_flush(options_.flush, size.records, size.bytes, size.opened, now)) continue;
    if (const auto frozen = table->freeze(topic); !frozen) stop_topic(topic, frozen.error());
    changed_.notify_all();
  }
}

void Sink::pause_what_is_held_up() {
  std::vector<TopicPartition> to_pause;
  std::vector<TopicPartition> to_resume;
  std::map<std::string, bool> held_up;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, partition] : partitions_) {
      if (!partition.error.empty() || partition.table == nullptr) continue;
      const auto [known, is_new] = held_up.emplace(id.topic, false);
      if (is_new) {
        const auto held = held_.find(id.topic);
        known->second = (held != held_.end() && held->second.is_waiting) ||
                        dead_letters_.is_full(id.topic) ||
                        partition.table->frozen_count(id.topic) >= kFrozenSegmentsMax;
      }
      if (known->second == paused_.contains(id)) continue;
      (known->second ? to_pause : to_resume).push_back(id);
    }
  }
  if (consumer_ == nullptr) return;
  consumer_->set_paused(to_pause, true);
  consumer_->set_paused(to_resume, false);
  paused_.insert(to_pause.begin(), to_pause.end());
  for (const TopicPartition& id : to_resume)
    paused_.erase(id);
}

void Sink::measure_rate() {
  const base::MonotonicTime now = clock_.monotonic_now();
  if (now - measured_ < kRateInterval) return;
  const double seconds = std::chrono::duration<double>(now - measured_).count();
  measured_ = now;
  note_empty_tables();
  const std::lock_guard lock(mutex_);
  for (auto& [name, table] : throughput_) {
    table.rows_per_second = static_cast<double>(table.rows - table.rows_at_measure) / seconds;
    table.rows_at_measure = table.rows;
  }
}

void Sink::note_empty_tables() {
  for (table::LiveTable* table : tables()) {
    const table::LiveTableStats stats = table->stats();
    const bool is_empty = stats.lake.rows == 0 && stats.rows_tail == 0;
    if (!is_empty || stats.rejected.count == 0) {
      problems_.clear("table " + table->name());
      continue;
    }
    const uint64_t kept = dead_letters_.kept(stats.rejected.topic);
    problems_.note("table " + table->name(),
                   table::no_rows_error(table->name(), stats.rejected, kept).cause);
  }
}

std::optional<base::Error> Sink::why_absent(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [folder, table] : tables_) {
    if (!lake::same_name(table->name(), name)) continue;
    const table::LiveTableStats stats = table->stats();
    if (stats.rejected.count > 0) {
      return table::no_rows_error(table->name(), stats.rejected,
                                  dead_letters_.kept(stats.rejected.topic));
    }
    for (const auto& [topic, held] : held_) {
      if (lake::table_name(topic) != folder) continue;
      return base::Error{base::ErrorCode::kNotFound, "the table " + table->name() + " has no rows",
                         held.error, "ticklake status shows what does not work", true};
    }
    return base::Error{base::ErrorCode::kNotFound, "the table " + table->name() + " has no rows",
                       "its topic has no records yet", "produce JSON objects to it", false};
  }
  for (const auto& [id, partition] : partitions_) {
    if (partition.error.empty() || !lake::same_name(lake::table_name(id.topic), name)) continue;
    return base::Error{base::ErrorCode::kNotFound, "the topic " + id.topic + " is not a table yet",
                       partition.error, "ticklake status shows what does not work", true};
  }
  return std::nullopt;
}

SinkStats Sink::stats() const {
  SinkStats stats;
  stats.rows_visible = rows_visible_;
  stats.dead_letters_kept = dead_letters_.kept();
  stats.passed_over = passed_over_;
  stats.problems = problems_.list();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, partition] : partitions_) {
    PartitionStats& item = stats.partitions.emplace_back();
    item.topic = id.topic;
    item.partition = id.partition;
    item.visible_offset = partition.position;
    item.durable_offset = partition.durable;
    item.log_end_offset = consumer_ == nullptr ? -1 : consumer_->cached_end(id);
    item.log_end_offset = std::max(item.log_end_offset, partition.position);
    item.lag = item.log_end_offset - partition.position;
    if (partition.table != nullptr) item.table = partition.table->name();
    item.error = partition.error;
    const auto held = held_.find(id.topic);
    if (item.error.empty() && held != held_.end()) item.error = held->second.error;
  }
  for (const auto& [folder, table] : tables_) {
    const auto measured = throughput_.find(table->name());
    const double rate = measured == throughput_.end() ? 0 : measured->second.rows_per_second;
    stats.tables.push_back({table->name(), table->stats(), rate});
    stats.rows_per_second += rate;
    stats.dead_letters += static_cast<uint64_t>(stats.tables.back().table.rejected.count);
  }
  return stats;
}

}  // namespace ticklake::sink
