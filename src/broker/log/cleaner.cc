#include "broker/log/cleaner.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace ticklake::broker {
namespace {

using ClosedSegment = PartitionLog::ClosedSegment;

/// What of a log is to be cleaned.
struct Dirt {
  int64_t begin = 0;  ///< up to there it was cleaned before
  int64_t end = 0;    ///< the first offset that may not be cleaned yet
  double ratio = 0;   ///< of the bytes
  bool is_overdue = false;
};

/// The closed segments whose records may be cleaned: on disk, of transactions that have ended, and
/// old enough.
std::vector<ClosedSegment> cleanable_segments(const PartitionLog& log, int64_t now_ms) {
  std::vector<ClosedSegment> segments = log.closed_segments();
  const int64_t lag_ms = log.settings().compaction_lag_min_ms;
  const int64_t stable_end = std::min(
      log.recovery_point(), log.producers().first_unstable_offset().value_or(log.recovery_point()));
  const auto first_bad = std::ranges::find_if(segments, [&](const ClosedSegment& segment) {
    const bool is_young =
        lag_ms > 0 && now_ms - std::max<int64_t>(segment.max_timestamp_ms, 0) <= lag_ms;
    return is_young || segment.next_base_offset > stable_end;
  });
  segments.erase(first_bad, segments.end());
  return segments;
}

std::optional<Dirt> dirt_of(const PartitionLog& log, int64_t cleaned_until, int64_t now_ms) {
  const std::vector<ClosedSegment> segments = cleanable_segments(log, now_ms);
  if (segments.empty()) return std::nullopt;
  Dirt dirt;
  dirt.end = segments.back().next_base_offset;
  // One from beyond the closed segments belongs to a log that is no more.
  const bool is_known = cleaned_until <= log.closed_segments().back().next_base_offset;
  dirt.begin = std::max(is_known ? cleaned_until : 0, log.start_offset());
  uint64_t clean_bytes = 0;
  uint64_t dirty_bytes = 0;
  for (const ClosedSegment& segment : segments) {
    const bool is_clean = segment.next_base_offset <= dirt.begin;
    (is_clean ? clean_bytes : dirty_bytes) += segment.size;
    if (is_clean || segment.max_timestamp_ms < 0) continue;
    dirt.is_overdue =
        dirt.is_overdue || now_ms - segment.max_timestamp_ms > log.settings().compaction_lag_max_ms;
  }
  if (dirty_bytes == 0) return std::nullopt;
  dirt.ratio = static_cast<double>(dirty_bytes) / static_cast<double>(dirty_bytes + clean_bytes);
  if (!dirt.is_overdue && dirt.ratio <= log.settings().dirty_ratio_min) return std::nullopt;
  return dirt;
}

/// Segments that follow one another and fit into one.
std::vector<std::vector<int64_t>> grouped(const std::vector<ClosedSegment>& segments,
                                          int64_t end_offset, uint64_t segment_bytes) {
  std::vector<std::vector<int64_t>> groups;
  uint64_t bytes = 0;
  for (const ClosedSegment& segment : segments) {
    if (segment.base_offset >= end_offset) break;
    const bool fits =
        !groups.empty() && bytes + segment.size <= segment_bytes &&
        segment.next_base_offset - groups.back().front() <= std::numeric_limits<int32_t>::max();
    if (!fits) {
      groups.emplace_back();
      bytes = 0;
    }
    groups.back().push_back(segment.base_offset);
    bytes += segment.size;
  }
  return groups;
}

tl::unexpected<base::Error> gone() {
  return base::fail(base::ErrorCode::kNotFound, "a segment is gone");
}

}  // namespace

struct Cleaner::Job {
  enum class Phase : uint8_t { kKeys, kRewrite, kSync };

  PartitionKey key;
  Dirt dirt;
  KeyOffsets keys;
  int64_t end_offset;                    ///< of what `keys` knows
  CleanedTransactions transactions{{}};  ///< of this phase's pass through the log
  Phase phase = Phase::kKeys;
  std::vector<ClosedSegment> segments;
  std::vector<std::vector<int64_t>> groups;

  size_t segment = 0;  ///< in `segments`, or in the group
  size_t group = 0;
  uint64_t position = 0;
  std::unique_ptr<Segment> cleaned;
  PartitionLog::SyncWork sync_work;
  uint64_t bytes_before = 0;
  uint64_t bytes_after = 0;
};

Cleaner::Cleaner(LogFolder& logs, const base::Clock& clock, base::Logger& logger, Settings settings)
    : logs_(logs), clock_(clock), logger_(logger), settings_(settings) {}

Cleaner::~Cleaner() = default;

PartitionLog* Cleaner::log_of(const PartitionKey& key) {
  Topic* const topic = logs_.find(key.first);
  if (!topic || static_cast<size_t>(key.second) >= topic->partitions.size()) return nullptr;
  PartitionLog* const log = topic->partitions[static_cast<size_t>(key.second)].get();
  return log->settings().is_compacted && !log->has_failed() ? log : nullptr;
}

/// The partition with the most to be gained.
bool Cleaner::choose() {
  const int64_t now_ms = base::to_unix_ms(clock_.wall_now());
  std::optional<std::pair<PartitionKey, Dirt>> best;
  for (const auto& [name, topic] : logs_.topics()) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      const PartitionKey key{topic->id, static_cast<int32_t>(i)};
      const PartitionLog* const log = log_of(key);
      if (!log || given_up_.contains(key)) continue;
      const auto dirt = dirt_of(*log, logs_.cleaned_until(name, key.second), now_ms);
      if (dirt && (!best || dirt->ratio > best->second.ratio)) best = {key, *dirt};
    }
  }
  if (!best) return false;
  const PartitionLog& log = *log_of(best->first);
  job_ = std::unique_ptr<Job>(new Job{best->first,
                                      best->second,
                                      KeyOffsets(settings_.keys_bytes_max),
                                      best->second.end,
                                      CleanedTransactions({}),
                                      Job::Phase::kKeys,
                                      cleanable_segments(log, now_ms),
                                      {},
                                      0,
                                      0,
                                      0,
                                      nullptr,
                                      {},
                                      0,
                                      0});
  return true;
}

Cleaner::Next Cleaner::run_slice() {
  if (!job_ && !choose()) return Next::kIdle;
  TICKLAKE_ASSERT(job_->phase != Job::Phase::kSync);
  PartitionLog* const log = log_of(job_->key);
  if (!log) {
    job_.reset();
    return Next::kMore;
  }
  const auto next = go_on(*log);
  if (next) return *next;
  const PartitionKey key = job_->key;
  job_.reset();
  // Retention or a deletion came first: begin again from what there is.
  if (next.error().code == base::ErrorCode::kNotFound) return Next::kMore;
  logger_.error("{} is not compacted until the next start: {}", log->name(),
                base::to_line(next.error()));
  given_up_.insert(key);
  return Next::kMore;
}

base::Result<Cleaner::Next> Cleaner::go_on(PartitionLog& log) {
  Job& job = *job_;
  if (job.phase == Job::Phase::kKeys) {
    if (job.segment == 0 && job.position == 0) {
      TICKLAKE_TRY(follow_transactions(log, job.dirt.begin));
    }
    TICKLAKE_ASSIGN(const bool is_done, learn_keys(log));
    if (!is_done) return Next::kMore;
    // Recovery trusts what stands below the recovery point, gaps included.
    TICKLAKE_TRY(logs_.write_checkpoints());
    TICKLAKE_TRY(follow_transactions(log, job.segments.front().base_offset));
    job.groups = grouped(job.segments, job.end_offset, log.settings().segment_bytes);
    job.phase = Job::Phase::kRewrite;
    job.segment = 0;
    job.position = 0;
    return Next::kMore;
  }
  if (job.group == job.groups.size()) {
    TICKLAKE_TRY(end_job(log));
    return Next::kMore;
  }
  TICKLAKE_ASSIGN(const bool is_written, rewrite(log));
  return is_written ? Next::kSync : Next::kMore;
}

/// For a pass through the log from `offset` on.
base::Result<void> Cleaner::follow_transactions(PartitionLog& log, int64_t offset) {
  TICKLAKE_ASSIGN(auto aborted,
                  log.aborted_transactions(offset, job_->segments.back().next_base_offset));
  job_->transactions = CleanedTransactions(std::move(aborted));
  return {};
}

/// True when all keys are known, or as many as there is room for.
base::Result<bool> Cleaner::learn_keys(PartitionLog& log) {
  Job& job = *job_;
  for (size_t bytes = 0; bytes < settings_.slice_bytes;) {
    if (job.segment == job.segments.size()) return true;
    const ClosedSegment& described = job.segments[job.segment];
    Segment* const segment = log.find_closed(described.base_offset);
    if (!segment) return gone();
    if (described.next_base_offset > job.dirt.begin) {
      TICKLAKE_ASSIGN(const auto file, segment->file());
      BatchScanner scanner(*file, job.position, segment->size());
      while (bytes < settings_.slice_bytes) {
        TICKLAKE_ASSIGN(const auto batch, scanner.next());
        if (!batch) break;
        bytes += batch->header.size();
        job.position = scanner.position();
        if (batch->header.last_offset() < job.dirt.begin) continue;
        if (batch->header.is_control()) {
          const auto marker = parse_end_marker(batch->bytes);
          if (marker) job.transactions.end(batch->header, *marker);
        } else if (!job.transactions.is_aborted(batch->header)) {
          TICKLAKE_TRY(job.keys.add(batch->bytes, batch->header));
        }
        if (!job.keys.is_full()) continue;
        job.end_offset = batch->header.next_offset();
        return true;
      }
      if (job.position < segment->size()) continue;
    }
    ++job.segment;
    job.position = 0;
  }
  return false;
}

/// True when the group's new segment is written.
base::Result<bool> Cleaner::rewrite(PartitionLog& log) {
  Job& job = *job_;
  const std::vector<int64_t>& group = job.groups[job.group];
  if (!job.cleaned) {
    const Segment* const replaced = log.find_closed(group.front());
    if (!replaced) return gone();
    TICKLAKE_ASSIGN(job.cleaned, log.begin_cleaned(group.front()));
    job.cleaned->set_replacing(*replaced);
  }
  const int64_t now_ms = base::to_unix_ms(clock_.wall_now());
  // A horizon that is for ever does not overflow.
  const int64_t retention_ms =
      std::min(log.settings().delete_retention_ms, std::numeric_limits<int64_t>::max() - now_ms);
  const CompactionRules rules{job.keys,     job.end_offset,  now_ms,
                              retention_ms, log.producers(), job.transactions};
  for (size_t bytes = 0; bytes < settings_.slice_bytes;) {
    if (job.segment == group.size()) {
      TICKLAKE_ASSIGN(job.sync_work.files, job.cleaned->finish());
      TICKLAKE_ASSIGN(auto log_file, job.cleaned->file());
      job.sync_work.files.push_back(std::move(log_file));
      job.phase = Job::Phase::kSync;
      return true;
    }
    Segment* const segment = log.find_closed(group[job.segment]);
    if (!segment) return gone();
    TICKLAKE_ASSIGN(const auto file, segment->file());
    BatchScanner scanner(*file, job.position, segment->size());
    while (bytes < settings_.slice_bytes) {
      TICKLAKE_ASSIGN(const auto batch, scanner.next());
      if (!batch) break;
      bytes += batch->header.size();
      job.position = scanner.position();
      TICKLAKE_ASSIGN(const CompactedBatch compacted,
                      compact_batch(batch->bytes, batch->header, rules));
      if (compacted.aborted) job.cleaned->add_aborted(*compacted.aborted);
      if (!compacted.is_kept) continue;
      const base::ByteView kept = compacted.rewritten ? *compacted.rewritten : batch->bytes;
      TICKLAKE_ASSIGN(const kafka::BatchHeader header, kafka::parse_batch_header(kept));
      TICKLAKE_TRY(job.cleaned->append(kept, header));
    }
    if (job.position < segment->size()) continue;
    job.bytes_before += segment->size();
    ++job.segment;
    job.position = 0;
  }
  return false;
}

PartitionLog::SyncWork Cleaner::take_sync_work() {
  TICKLAKE_ASSERT(job_ && job_->phase == Job::Phase::kSync);
  return std::exchange(job_->sync_work, {});
}

void Cleaner::synced(const base::Result<void>& outcome) {
  Job& job = *job_;
  PartitionLog* const log = log_of(job.key);
  base::Result<void> done = outcome;
  if (log && done) {
    job.bytes_after += job.cleaned->size();
    done = log->swap_in(std::move(job.cleaned), job.groups[job.group]);
  }
  if (!log || !done) {
    if (log && done.error().code != base::ErrorCode::kNotFound) {
      logger_.error("{} is not compacted until the next start: {}", log->name(),
                    base::to_line(done.error()));
      given_up_.insert(job.key);
    }
    job_.reset();
    return;
  }
  job.phase = Job::Phase::kRewrite;
  ++job.group;
  job.segment = 0;
  job.position = 0;
}

base::Result<void> Cleaner::end_job(PartitionLog& log) {
  const Job& job = *job_;
  const Topic& topic = *logs_.find(job.key.first);
  TICKLAKE_TRY(logs_.set_cleaned_until(topic.name, job.key.second, job.end_offset));
  logger_.info("{}: compacted up to offset {}, {} bytes became {}", log.name(), job.end_offset,
               job.bytes_before, job.bytes_after);
  job_.reset();
  return {};
}

}  // namespace ticklake::broker
