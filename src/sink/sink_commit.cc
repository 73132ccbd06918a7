#include <algorithm>

#include <sys/resource.h>
#include <unistd.h>

#include "sink/places.h"
#include "sink/sink.h"

namespace ticklake::sink {
namespace {

using kafka::TopicPartition;

/// How often the committing thread looks for work that nobody told it of.
constexpr std::chrono::milliseconds kIdleWait{100};
constexpr std::chrono::milliseconds kRetryWait{1'000};
constexpr int kCommitNiceness = 5;
constexpr const char* kFlushing = "flush of all tables";

}  // namespace

std::vector<table::LiveTable*> Sink::tables() const {
  const std::lock_guard lock(mutex_);
  std::vector<table::LiveTable*> tables;
  for (const auto& [name, table] : tables_)
    tables.push_back(table.get());
  return tables;
}

void Sink::commit_loop(const std::stop_token& stop) {
  // Files can wait, ticks cannot. Without effect it is no error.
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kCommitNiceness));
  std::unique_ptr<Committer> committer;
  while (!stop.stop_requested()) {
    bool worked = false;
    if (committer != nullptr) {
      worked = commit_next(*committer);
    } else if (auto made = make_committer()) {
      committer = std::move(*made);
      problems_.clear(kFlushing);
      worked = true;
    } else {
      problems_.set(kFlushing, to_line(made.error()));
    }
    if (worked) continue;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kIdleWait);
  }
}

bool Sink::commit_next(Committer& committer) {
  bool worked = false;
  for (table::LiveTable* table : tables())
    worked = commit_table(committer, *table) || worked;
  if (worked) changed_.notify_all();
  return worked;
}

bool Sink::commit_table(Committer& committer, table::LiveTable& table) {
  bool worked = false;
  std::set<std::string> waiting;  // topics of which an older segment waits: offsets stay in order
  for (const table::SegmentInfo& segment : table.frozen()) {
    if (waiting.contains(segment.topic)) continue;
    const auto ranges = commit_partitions(committer, table, segment);
    if (ranges.size() < segment.ends.size()) waiting.insert(segment.topic);
    if (ranges.empty() && !segment.ends.empty()) continue;
    const std::string where = flush_of(table.name());
    if (const auto committed = table.commit(segment.id, ranges); !committed) {
      problems_.set(where, to_line(committed.error()));
      waiting.insert(segment.topic);
      continue;
    }
    problems_.clear(where);
    note_durable(ranges);
    tell_committed(table, ranges);
    worked = true;
  }
  return worked;
}

std::vector<table::CommittedRange> Sink::commit_partitions(Committer& committer,
                                                           table::LiveTable& table,
                                                           const table::SegmentInfo& segment) {
  std::vector<table::CommittedRange> ranges;
  for (const auto& [number, end] : segment.ends) {
    if (auto range = commit_partition(committer, table, segment, {segment.topic, number})) {
      ranges.push_back(std::move(*range));
    }
  }
  return ranges;
}

std::optional<table::CommittedRange> Sink::commit_partition(Committer& committer,
                                                            table::LiveTable& table,
                                                            const table::SegmentInfo& segment,
                                                            const TopicPartition& id) {
  Partition partition;
  {
    const std::lock_guard lock(mutex_);
    const auto found = partitions_.find(id);
    if (found != partitions_.end()) partition = found->second;
  }
  if (partition.chain.topic.empty() && partition.error.empty()) {
    // Taken away after its rows were appended.
    forget(table, id);
    return std::nullopt;
  }
  const int64_t end = segment.ends.at(id.partition);
  if (!partition.error.empty() || clock_.monotonic_now() < partition.next_flush) {
    return std::nullopt;
  }
  if (!dead_letters_.are_settled(id, end)) return std::nullopt;
  const std::string where = flush_of(place_of(id));
  auto range = committer.commit(table, segment, partition.chain, end, partition.log_start);
  if (range) {
    problems_.clear(where);
    return std::move(*range);
  }
  if (range.error().code == base::ErrorCode::kCorrupt) {
    fail_partition(id, range.error());
    return std::nullopt;
  }
  problems_.set(where, "rows stay in memory: " + to_line(range.error()));
  const std::lock_guard lock(mutex_);
  const auto found = partitions_.find(id);
  if (found != partitions_.end()) {
    found->second.next_flush = clock_.monotonic_now() + kRetryWait;
  }
  return std::nullopt;
}

void Sink::note_durable(std::span<const table::CommittedRange> ranges) {
  const std::lock_guard lock(mutex_);
  for (const table::CommittedRange& range : ranges) {
    const TopicPartition id{range.chain.topic, range.chain.partition};
    const auto found = partitions_.find(id);
    if (found != partitions_.end()) {
      found->second.durable = range.end;
      found->second.failures = 0;
    }
    if (consumer_ != nullptr) consumer_->commit(id, range.end);
  }
}

void Sink::tell_committed(const table::LiveTable& table,
                          std::span<const table::CommittedRange> ranges) const {
  if (!options_.on_committed || ranges.empty()) return;
  options_.on_committed({table.name(), ranges.front().chain.table(), ranges});
}

bool Sink::is_drained() const {
  if (!dead_letters_.is_empty()) return false;
  return std::ranges::all_of(tables_,
                             [](const auto& table) { return !table.second->has_frozen(); });
}

void Sink::wait_until_drained() {
  const base::MonotonicTime deadline = clock_.monotonic_now() + options_.drain_max;
  std::unique_lock lock(mutex_);
  while (!is_drained() && clock_.monotonic_now() < deadline) {
    beat();
    changed_.wait_for(lock, kIdleWait);
  }
  if (!is_drained()) {
    log_.warn(
        "stopped with rows that are not in the lake yet; they are read again at the next "
        "start");
  }
}

}  // namespace ticklake::sink
