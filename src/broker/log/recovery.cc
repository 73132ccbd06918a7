#include <algorithm>

#include <fmt/format.h>

#include "broker/log/partition_log.h"

namespace ticklake::broker {
namespace {

constexpr uint64_t kSnapshotBytesMax = uint64_t{64} << 20;
/// After a clean stop the last batches of each producer are looked up in so much of the log's end;
/// Kafka's snapshot has only one of each.
constexpr uint64_t kProducerScanBytes = uint64_t{8} << 20;
constexpr size_t kCopyBytes = size_t{1} << 20;

}  // namespace

base::Result<std::unique_ptr<PartitionLog>> PartitionLog::open(base::FileSystem& files,
                                                               base::Path folder,
                                                               OpenOptions options,
                                                               base::Logger& logger) {
  TICKLAKE_TRY(files.make_folders(folder));
  std::unique_ptr<PartitionLog> log(
      new PartitionLog(files, std::move(folder), std::move(options), logger));
  if (auto loaded = log->load(); !loaded) {
    return tl::unexpected(std::move(loaded).error().within("open the log of " + log->name()));
  }
  return log;
}

base::Result<void> PartitionLog::load() {
  TICKLAKE_ASSIGN(std::vector<std::string> names, files_.list(folder_));
  TICKLAKE_TRY(finish_swaps(names));
  TICKLAKE_ASSIGN(names, files_.list(folder_));
  std::vector<int64_t> base_offsets;
  for (const std::string& name : names) {
    if (const auto offset = offset_in_name(name, ".log")) base_offsets.push_back(*offset);
  }
  auto epochs = LeaderEpochs::read(files_, folder_ / "leader-epoch-checkpoint");
  if (epochs) {
    epochs_ = std::move(*epochs);
  } else {
    logger_.warn("{}: {}", name(), base::to_line(epochs.error()));
  }
  if (base_offsets.empty()) {
    TICKLAKE_ASSIGN(auto first,
                    Segment::create(files_, open_files(), folder_, options_.log_start_offset));
    segments_.push_back(std::move(first));
    is_folder_unsynced_ = true;
    start_offset_ = end_offset_ = options_.log_start_offset;
  } else {
    TICKLAKE_TRY(load_segments(base_offsets));
  }
  if (options_.log_start_offset > end_offset_) TICKLAKE_TRY(begin_at(options_.log_start_offset));
  epochs_.truncate(std::max<int64_t>(end_offset_, 1));
  start_offset_ = std::max(segments_.front()->base_offset(), options_.log_start_offset);
  epochs_.truncate_front(start_offset_);
  recovery_point_ =
      options_.was_clean ? end_offset_ : std::min(options_.recovery_point, end_offset_);
  synced_end_taken_ = recovery_point_;
  // Snapshots stand beside the segment that they belong to; one of a clean stop has done its duty.
  for (const std::string& name : names) {
    const auto offset = offset_in_name(name, ".snapshot");
    if (!offset || segment_of(*offset).base_offset() == *offset) continue;
    // It went with its segment if recovery removed that.
    TICKLAKE_ASSIGN(const bool is_there, files_.exists(folder_ / name));
    if (is_there) TICKLAKE_TRY(files_.remove(folder_ / name));
  }
  // Nobody may see or be told of what only the page cache kept when the process died: the machine
  // may be the next to die.
  if (options_.was_clean || base_offsets.empty()) return {};
  const SyncWork work = take_sync_work();
  TICKLAKE_TRY(work.run(files_));
  synced(work.end_offset);
  return {};
}

base::Result<void> PartitionLog::load_segments(const std::vector<int64_t>& base_offsets) {
  size_t first_to_recover = base_offsets.size();
  for (size_t i = 0; i < base_offsets.size(); ++i) {
    TICKLAKE_ASSIGN(auto segment, Segment::open(files_, open_files(), folder_, base_offsets[i]));
    segments_.push_back(std::move(segment));
    const bool is_last = i + 1 == base_offsets.size();
    // Its indexes, and the snapshot behind it, are on disk once something behind it is.
    const bool is_on_disk = !is_last && base_offsets[i + 1] < options_.recovery_point;
    const bool is_trusted =
        segments_.back()->has_sound_txn_index() && (options_.was_clean || is_on_disk);
    if (!is_trusted) first_to_recover = std::min(first_to_recover, i);
  }
  if (first_to_recover < segments_.size()) return recover_from(first_to_recover);

  TICKLAKE_TRY(active().activate());
  // The end: what follows the last index entry.
  TICKLAKE_ASSIGN(const uint64_t from, active().batch_position_before(active().size()));
  TICKLAKE_ASSIGN(const auto active_file, active().file());
  BatchScanner scanner(*active_file, from, active().size());
  end_offset_ = active().base_offset();
  while (true) {
    const auto batch = scanner.next();
    if (!batch) {
      // The marker said clean, the bytes say otherwise: look at all of it.
      logger_.warn("{}: not as a clean stop leaves it ({}); recovering", name(),
                   base::to_line(batch.error()));
      return recover_from(segments_.size() - 1);
    }
    if (!batch->has_value()) break;
    end_offset_ = (*batch)->header.next_offset();
  }
  TICKLAKE_ASSIGN(const bool are_loaded, load_producers());
  // Transactions may be open that nothing but the log can tell of.
  return are_loaded ? base::Result<void>() : recover_from(segments_.size() - 1);
}

/// Compaction leaves gaps between segments, and only below the recovery point, which it writes
/// first. Elsewhere a gap says that the end of a file was lost.
bool PartitionLog::may_begin_after_gap(const Segment& segment) const {
  if (segment.base_offset() < end_offset_) return false;
  const bool is_recovery_point_lost =
      options_.recovery_point == 0 && options_.settings.is_compacted;
  return segment.base_offset() <= std::max(options_.recovery_point, options_.cleaned_until) ||
         is_recovery_point_lost;
}

base::Result<void> PartitionLog::recover_from(size_t first) {
  TICKLAKE_ASSIGN(first, last_with_producers(first));
  for (size_t i = first; i < segments_.size(); ++i) {
    Segment& segment = *segments_[i];
    TICKLAKE_ASSIGN(Segment::Recovered recovered,
                    segment.recover([this, &segment](const BatchScanner::Batch& batch) {
                      note_producer(segment, batch.header, batch.bytes, std::nullopt);
                    }));
    end_offset_ = recovered.next_offset;
    const bool is_last = i + 1 == segments_.size();
    if (!recovered.problem && !is_last && segments_[i + 1]->base_offset() != end_offset_ &&
        !may_begin_after_gap(*segments_[i + 1])) {
      // A crash of the machine took the end of a file that the page cache still held.
      recovered.problem = fmt::format("the next segment begins at offset {} where {} was expected",
                                      segments_[i + 1]->base_offset(), end_offset_);
    }
    if (recovered.problem) {
      TICKLAKE_TRY(cut(i, recovered));
      break;
    }
    if (is_last) break;
    TICKLAKE_TRY(segment.finish());
  }
  // What the page cache kept over a crash of the process need not be on disk yet; load() syncs it.
  for (size_t i = first; i + 1 < segments_.size(); ++i)
    left_unsynced_.push_back(segments_[i]->base_offset());
  is_folder_unsynced_ = true;
  return {};
}

/// Records were deleted up to an offset that a crash took from the log's end: their offsets must
/// not be given again.
base::Result<void> PartitionLog::begin_at(int64_t offset) {
  logger_.warn("{}: all up to offset {} was deleted, the log ended at {}; it begins there anew",
               name(), offset, end_offset_);
  while (!segments_.empty()) {
    TICKLAKE_TRY(active().remove());
    segments_.pop_back();
  }
  producers_.clear();
  unsynced_.clear();
  left_unsynced_.clear();
  TICKLAKE_ASSIGN(auto first, Segment::create(files_, open_files(), folder_, offset));
  segments_.push_back(std::move(first));
  is_folder_unsynced_ = true;
  end_offset_ = offset;
  return {};
}

base::Result<void> PartitionLog::cut(size_t index, const Segment::Recovered& recovered) {
  Segment& segment = *segments_[index];
  const bool is_corrupt = recovered.has_batches_after || index + 1 < segments_.size();
  const std::string what = fmt::format(
      "{}: {} at byte {} of segment {} (offset {}); the log ends there now", name(),
      *recovered.problem, recovered.valid_bytes, segment.base_offset(), recovered.next_offset);
  if (is_corrupt) {
    TICKLAKE_TRY(keep_aside(segment, recovered.valid_bytes));
    logger_.error(
        "corrupt log: {}. Sound batches stood behind it: what was cut off is kept in "
        "{} with the suffix .corrupt",
        what, folder_.string());
  } else {
    logger_.warn("torn write: {}, {} bytes cut off", what, segment.size() - recovered.valid_bytes);
  }
  TICKLAKE_TRY(segment.truncate(recovered.valid_bytes));
  while (segments_.size() > index + 1) {
    const int64_t base_offset = active().base_offset();
    const base::Path log = Segment::path(folder_, base_offset, ".log");
    TICKLAKE_TRY(files_.rename(log, log.string() + ".corrupt"));
    TICKLAKE_TRY(active().remove());
    segments_.pop_back();
  }
  is_folder_unsynced_ = true;
  return {};
}

base::Result<void> PartitionLog::keep_aside(Segment& segment, uint64_t from) {
  const std::string name = fmt::format(".log.at-{}.corrupt", from);
  TICKLAKE_ASSIGN(auto copy, files_.open(Segment::path(folder_, segment.base_offset(), name),
                                         base::OpenMode::kCreate));
  base::Bytes buffer(kCopyBytes);
  TICKLAKE_ASSIGN(const auto log_file, segment.file());
  for (uint64_t at = from; at < segment.size();) {
    TICKLAKE_ASSIGN(const size_t got, log_file->read_at(at, buffer));
    if (got == 0) break;
    TICKLAKE_TRY(copy->write_at(at - from, base::ByteView(buffer).first(got)));
    at += got;
  }
  return copy->sync_data();
}

/// False if the snapshot of the clean stop is damaged.
base::Result<bool> PartitionLog::load_producers() {
  TICKLAKE_ASSIGN(const bool is_restored, restore_producers(end_offset_));
  if (!is_restored || producers_.empty()) return is_restored;
  const uint64_t end = active().size();
  TICKLAKE_ASSIGN(
      const uint64_t from,
      active().batch_position_before(end > kProducerScanBytes ? end - kProducerScanBytes : 0));
  TICKLAKE_ASSIGN(const auto active_file, active().file());
  BatchScanner scanner(*active_file, from, end);
  while (true) {
    TICKLAKE_ASSIGN(const auto batch, scanner.next());
    if (!batch) break;
    producers_.recall(batch->header);
  }
  return true;
}

/// The last segment up to `first` of which it is known what producers there were at its begin.
/// Restores them.
base::Result<size_t> PartitionLog::last_with_producers(size_t first) {
  for (;; --first) {
    TICKLAKE_ASSIGN(const bool is_restored, restore_producers(segments_[first]->base_offset()));
    if (is_restored || first == 0) return first;
  }
}

/// The producers as of `offset`: none if there is no snapshot. False if it is damaged.
base::Result<bool> PartitionLog::restore_producers(int64_t offset) {
  producers_.clear();
  const base::Path path = Segment::path(folder_, offset, ".snapshot");
  TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files_, path, kSnapshotBytesMax));
  if (!text) return true;
  if (auto restored = producers_.restore(base::as_bytes(*text)); !restored) {
    logger_.warn("{}: {}: the log is read instead", name(), base::to_line(restored.error()));
    producers_.clear();
    return false;
  }
  return true;
}

base::Result<void> PartitionLog::write_snapshot() {
  const base::Path path = Segment::path(folder_, end_offset_, ".snapshot");
  TICKLAKE_ASSIGN(const bool is_there, files_.exists(path));
  if (is_there) TICKLAKE_TRY(files_.remove(path));
  if (producers_.empty()) return {};
  TICKLAKE_ASSIGN(std::shared_ptr<base::File> file, files_.open(path, base::OpenMode::kCreateNew));
  TICKLAKE_TRY(file->write_at(0, producers_.snapshot()));
  unsynced_.push_back(std::move(file));
  is_folder_unsynced_ = true;
  return {};
}

}  // namespace ticklake::broker
