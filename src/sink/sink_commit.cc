#include <algorithm>

#include <sys/resource.h>
#include <unistd.h>

#include "sink/sink.h"

namespace ticklake::sink {
namespace {

using kafka::TopicPartition;

/// How often the committing thread looks for work that nobody told it of.
constexpr std::chrono::milliseconds kIdleWait{100};
constexpr std::chrono::milliseconds kRetryWait{1'000};
constexpr int kCommitNiceness = 5;

}  // namespace

std::vector<table::LiveTable*> Sink::tables() const {
  const std::lock_guard lock(mutex_);
  std::vector<table::LiveTable*> tables;
  for (const auto& [name, table] : tables_)
    tables.push_back(table.get());
  return tables;
}

void Sink::commit_loop(std::stop_token stop) {
  // Files can wait, ticks cannot. Without effect it is no error.
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kCommitNiceness));
  auto committer = make_committer();
  if (!committer) {
    const std::lock_guard lock(mutex_);
    error_ = to_line(committer.error());
    return;
  }
  while (!stop.stop_requested()) {
    auto worked = commit_next(**committer);
    std::unique_lock lock(mutex_);
    const std::string error = worked ? "" : to_line(worked.error());
    if (error != error_) {
      if (worked) log_.info("flushing again");
      if (!worked) log_.error("cannot flush, rows stay in memory: {}", error);
      error_ = error;
    }
    if (worked && *worked) continue;
    changed_.wait_for(lock, worked ? kIdleWait : kRetryWait);
  }
}

base::Result<bool> Sink::commit_next(Committer& committer) {
  TICKLAKE_TRY(dead_letters_.deliver());
  bool worked = false;
  for (table::LiveTable* table : tables()) {
    const auto segment = table->oldest_frozen();
    if (!segment) continue;
    // What the segment rejected was added before it was frozen.
    TICKLAKE_TRY(dead_letters_.deliver());
    TICKLAKE_TRY(commit_segment(committer, *table, *segment));
    worked = true;
  }
  if (worked) changed_.notify_all();
  return worked;
}

base::Result<void> Sink::commit_segment(Committer& committer, table::LiveTable& table,
                                        const table::SegmentInfo& segment) {
  std::vector<table::CommittedRange> ranges;
  for (const auto& [number, end] : segment.ends) {
    const TopicPartition id{segment.topic, number};
    lake::ChainId chain;
    int64_t log_start = 0;
    {
      const std::lock_guard lock(mutex_);
      const auto found = partitions_.find(id);
      if (found != partitions_.end() && found->second.error.empty()) {
        chain = found->second.chain;
        log_start = found->second.log_start;
      }
    }
    if (chain.topic.empty()) {
      // Taken away or stopped after its rows were appended.
      TICKLAKE_TRY(table.forget(segment.topic, number));
      continue;
    }
    auto range = committer.commit(table, segment, chain, end, log_start);
    if (range) {
      ranges.push_back(std::move(*range));
    } else if (range.error().code == base::ErrorCode::kCorrupt) {
      fail_partition(id, range.error());
    } else {
      return tl::unexpected(std::move(range).error());
    }
  }
  TICKLAKE_TRY(table.commit(segment.id, ranges));
  for (const table::CommittedRange& range : ranges) {
    const TopicPartition id{range.chain.topic, range.chain.partition};
    {
      const std::lock_guard lock(mutex_);
      const auto found = partitions_.find(id);
      if (found != partitions_.end()) found->second.durable = range.end;
    }
    consumer_->commit(id, range.end);
  }
  return {};
}

void Sink::wait_until_drained() {
  const base::MonotonicTime deadline = clock_.monotonic_now() + options_.drain_max;
  const auto is_drained = [this] {
    return dead_letters_.is_empty() && std::ranges::all_of(tables_, [](const auto& table) {
             return table.second->stats().segments_frozen == 0;
           });
  };
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
