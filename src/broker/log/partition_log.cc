#include "broker/log/partition_log.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace ticklake::broker {
namespace {

constexpr size_t kRecordsBytesMax = size_t{256} << 20;

LogError storage_error(const base::Error& error) {
  return {kafka::ErrorCode::kKafkaStorageError, base::to_line(error)};
}

LogError read_error(const base::Error& error) {
  LogError result = storage_error(error);
  if (error.code == base::ErrorCode::kInvalidData) result.code = kafka::ErrorCode::kCorruptMessage;
  return result;
}

}  // namespace

base::Result<void> PartitionLog::SyncWork::run(base::FileSystem& file_system) const {
  for (const auto& file : files)
    TICKLAKE_TRY(file->sync_data());
  for (const base::Path& path : paths) {
    TICKLAKE_ASSIGN(const bool is_there, file_system.exists(path));
    if (!is_there) continue;
    TICKLAKE_ASSIGN(const auto file, file_system.open(path, base::OpenMode::kReadWrite));
    TICKLAKE_TRY(file->sync_data());
  }
  if (folder) TICKLAKE_TRY(file_system.sync_folder(*folder));
  return {};
}

uint64_t PartitionLog::size_bytes() const {
  uint64_t sum = 0;
  for (const auto& segment : segments_)
    sum += segment->size();
  return sum;
}

base::Result<void> PartitionLog::roll() {
  TICKLAKE_TRY(write_snapshot());
  TICKLAKE_ASSIGN(std::shared_ptr<base::File> closed, active().file());
  // Many partitions may roll before the next fsync: indexes are opened for it again.
  TICKLAKE_TRY(active().finish());
  auto next = Segment::create(files_, open_files(), folder_, end_offset_);
  if (!next) {
    // The old segment takes appends again.
    TICKLAKE_TRY(active().activate());
    return tl::unexpected(std::move(next).error());
  }
  unsynced_.push_back(std::move(closed));
  active().set_synced();  // what is not on disk of it, unsynced_ keeps open
  left_unsynced_.push_back(active().base_offset());
  is_folder_unsynced_ = true;
  segments_.push_back(std::move(*next));
  return {};
}

/// Kafka's rule: by the times of the batches, so that a replay of old records makes the segments
/// that it would have made then.
bool PartitionLog::is_active_old(const kafka::BatchHeader& header, int64_t now_ms) const {
  const LogSettings& settings = options_.settings;
  const int64_t first_ms = segments_.back()->first_timestamp_ms();
  if (first_ms < 0) return false;
  const bool is_append_time = settings.timestamp_type == kafka::TimestampType::kLogAppendTime;
  const int64_t last_ms = is_append_time ? now_ms : std::max<int64_t>(header.max_timestamp_ms, 0);
  const int64_t age_max_ms = settings.is_compacted
                                 ? std::min(settings.segment_ms, settings.compaction_lag_max_ms)
                                 : settings.segment_ms;
  return last_ms - first_ms > age_max_ms;
}

base::Result<void> PartitionLog::make_room(const kafka::BatchHeader& header, int64_t now_ms) {
  const bool is_full =
      active().size() > 0 && (is_active_old(header, now_ms) ||
                              active().size() + header.size() > options_.settings.segment_bytes);
  const int64_t relative = end_offset_ + header.last_offset_delta - active().base_offset();
  if (!is_full && relative <= std::numeric_limits<int32_t>::max()) return {};
  return roll();
}

LogResult<PartitionLog::Appended> PartitionLog::append(std::span<std::byte> batch,
                                                       kafka::BatchHeader header, int64_t now_ms,
                                                       ProducerState::Origin origin) {
  if (has_failed_) {
    return tl::unexpected<LogError>({kafka::ErrorCode::kKafkaStorageError,
                                     "an fsync of " + name() + " failed; restart the broker"});
  }
  // A marker was checked by append_marker().
  const ProducerState::Verdict verdict =
      header.is_control() ? ProducerState::Verdict{} : producers_.check(header, origin);
  if (verdict.error != kafka::ErrorCode::kNone) {
    return tl::unexpected<LogError>({verdict.error, "out of the producer's order"});
  }
  if (verdict.duplicate_of) {
    const ProducerState::Batch& original = *verdict.duplicate_of;
    const bool has_append_time =
        options_.settings.timestamp_type == kafka::TimestampType::kLogAppendTime;
    return Appended{original.base_offset, original.last_offset,
                    has_append_time ? original.timestamp_ms : -1, true};
  }
  auto written = write(batch, header, now_ms);
  if (written.has_value() == is_disk_refusing_) {
    is_disk_refusing_ = !is_disk_refusing_;
    if (is_disk_refusing_) {
      logger_.error("{}: appends are refused: {}", name(), base::to_line(written.error()));
    } else {
      logger_.info("{}: appends are taken again", name());
    }
  }
  if (!written) return tl::unexpected(storage_error(written.error()));
  return *written;
}

LogResult<PartitionLog::Appended> PartitionLog::append_marker(int64_t producer_id,
                                                              int16_t producer_epoch,
                                                              const EndMarker& marker,
                                                              int64_t now_ms) {
  const kafka::ErrorCode error =
      producers_.check_marker(producer_id, producer_epoch, marker.coordinator_epoch);
  if (error != kafka::ErrorCode::kNone) {
    return tl::unexpected<LogError>({error, "the log has a newer producer or coordinator"});
  }
  auto batch = write_end_marker(producer_id, producer_epoch, marker, now_ms);
  if (!batch) return tl::unexpected(storage_error(batch.error()));
  const auto header = kafka::parse_batch_header(*batch);
  if (!header) return tl::unexpected(storage_error(header.error()));
  return append(*batch, *header, now_ms, ProducerState::Origin::kCoordinator);
}

int64_t PartitionLog::last_stable_offset(int64_t high_watermark) {
  const auto unstable = producers_.first_unstable_offset(high_watermark);
  return unstable ? std::min(*unstable, high_watermark) : high_watermark;
}

base::Result<std::vector<AbortedTransaction>> PartitionLog::aborted_transactions(
    int64_t offset, int64_t upper_bound) {
  std::vector<AbortedTransaction> found;
  const Segment* const first = &segment_of(offset);
  bool has_begun = false;
  for (const auto& segment : segments_) {
    has_begun = has_begun || segment.get() == first;
    if (!has_begun) continue;
    TICKLAKE_ASSIGN(const auto aborted, segment->aborted_transactions());
    for (const AbortedTransaction& one : aborted) {
      if (one.last_offset >= offset && one.first_offset < upper_bound) found.push_back(one);
      // What ends later began at or after that stable offset.
      if (one.last_stable_offset >= upper_bound) return found;
    }
  }
  return found;
}

/// Keeps account of what the batch, which stands in `segment` now, says about its producer.
void PartitionLog::note_producer(Segment& segment, const kafka::BatchHeader& header,
                                 base::ByteView batch, std::optional<int64_t> now_ms) {
  if (header.producer_id < 0) return;
  if (!header.is_control()) return producers_.update(header, now_ms);
  const auto marker = parse_end_marker(batch);
  if (!marker) return;
  const auto ended = producers_.update(header, *marker, now_ms);
  if (!ended || marker->is_commit) return;
  segment.add_aborted(
      {header.producer_id, ended->first_offset, header.last_offset(), ended->last_stable_offset});
}

base::Result<PartitionLog::Appended> PartitionLog::write(std::span<std::byte> batch,
                                                         kafka::BatchHeader header,
                                                         int64_t now_ms) {
  TICKLAKE_TRY(make_room(header, now_ms));
  if (epochs_.assign(options_.leader_epoch, end_offset_)) {
    if (auto done = epochs_.write(files_, folder_ / "leader-epoch-checkpoint"); !done) {
      epochs_.truncate(end_offset_);
      return tl::unexpected(std::move(done).error());
    }
  }
  Appended result{end_offset_, end_offset_ + header.last_offset_delta, -1, false};
  kafka::set_base_offset(batch, end_offset_);
  kafka::set_leader_epoch(batch, options_.leader_epoch);
  header.base_offset = end_offset_;
  header.leader_epoch = options_.leader_epoch;
  if (options_.settings.timestamp_type == kafka::TimestampType::kLogAppendTime) {
    kafka::set_log_append_time(batch, now_ms);
    header.max_timestamp_ms = now_ms;
    result.log_append_time_ms = now_ms;
  }
  TICKLAKE_TRY(active().append(batch, header));
  if (synced_end_taken_ == end_offset_) unsynced_since_ms_ = now_ms;
  note_producer(active(), header, batch, now_ms);
  end_offset_ = header.next_offset();
  return result;
}

Segment& PartitionLog::segment_of(int64_t offset) {
  const auto after =
      std::partition_point(segments_.begin(), segments_.end(),
                           [&](const auto& segment) { return segment->base_offset() <= offset; });
  return after == segments_.begin() ? *segments_.front() : **std::prev(after);
}

Segment& PartitionLog::segment_behind(const Segment& segment) {
  TICKLAKE_ASSERT(&segment != segments_.back().get());
  return **std::ranges::upper_bound(segments_, segment.base_offset(), {},
                                    [](const auto& one) { return one->base_offset(); });
}

PartitionLog::Hint* PartitionLog::hint_of(int64_t offset) {
  for (Hint& hint : hints_) {
    // At the end of a segment that was closed since, the next one has it.
    if (hint.offset != offset || &segment_of(offset) != hint.segment) continue;
    if (hint.segment == &active() || hint.position < hint.segment->size()) return &hint;
  }
  return nullptr;
}

base::Error PartitionLog::corruption(const Segment& segment, uint64_t position,
                                     const std::string& cause) const {
  return {base::ErrorCode::kInvalidData,
          fmt::format("the batch at byte {} of {} is corrupt", position,
                      Segment::path(folder_, segment.base_offset(), ".log").string()),
          cause,
          {},
          false};
}

base::Result<PartitionLog::Hint> PartitionLog::search(int64_t offset) {
  Segment* segment = &segment_of(offset);
  while (true) {
    TICKLAKE_ASSIGN(const uint64_t position, segment->position_before(offset));
    TICKLAKE_ASSIGN(const auto file, segment->file());
    BatchScanner scanner(*file, position, segment->size());
    int64_t next_offset = segment->base_offset();
    while (true) {
      const uint64_t at = scanner.position();
      const auto batch = scanner.next();
      if (!batch && batch.error().code == base::ErrorCode::kInvalidData) {
        return base::fail(corruption(*segment, at, base::to_line(batch.error())));
      }
      if (!batch) return base::fail(batch.error());
      // The CRC does not cover the base offset.
      if (*batch && (*batch)->header.base_offset < next_offset) {
        return base::fail(corruption(*segment, at, "its offsets do not rise"));
      }
      if (*batch) next_offset = (*batch)->header.next_offset();
      if (*batch && next_offset <= offset) continue;
      if (*batch || segment == &active()) return Hint{offset, segment, at};
      break;
    }
    // Compaction took the segment's end: the next batch stands in a later one.
    segment = &segment_behind(*segment);
  }
}

base::Result<PartitionLog::Hint> PartitionLog::find(int64_t offset) {
  if (const Hint* const hint = hint_of(offset)) return *hint;
  return search(offset);
}

base::Result<void> PartitionLog::check_batch_at(const Hint& place) {
  TICKLAKE_ASSIGN(const auto file, place.segment->file());
  std::array<std::byte, kafka::kBatchHeaderBytes> bytes{};
  TICKLAKE_ASSIGN(const size_t got, file->read_at(place.position, bytes));
  TICKLAKE_ASSIGN(const kafka::BatchHeader header,
                  kafka::parse_batch_header(base::ByteView(bytes).first(got)));
  TICKLAKE_ASSIGN(const bool is_sound, batch_crc_matches(*file, place.position, header));
  if (is_sound) return {};
  return base::fail(corruption(*place.segment, place.position, "its CRC is wrong"));
}

void PartitionLog::remember(const Hint& hint) {
  for (Hint& old : hints_) {
    if (old.offset == hint.offset) {
      old = hint;
      return;
    }
  }
  if (hints_.size() < kHints) {
    hints_.push_back(hint);
    return;
  }
  hints_[next_hint_] = hint;
  next_hint_ = (next_hint_ + 1) % kHints;
}

LogResult<ReadBuffer> PartitionLog::read(int64_t offset, int64_t end_offset, size_t bytes_max,
                                         bool has_first_whole) {
  if (offset < start_offset_ || offset > end_offset_) {
    return tl::unexpected<LogError>({kafka::ErrorCode::kOffsetOutOfRange, {}});
  }
  ReadBuffer buffer;
  if (offset >= end_offset) return buffer;
  auto found = find(offset);
  if (!found) return tl::unexpected(read_error(found.error()));
  Segment& segment = *found->segment;
  const uint64_t available = segment.size() - found->position;
  size_t wanted = std::min<uint64_t>(available, bytes_max);
  if (has_first_whole) {
    wanted = std::min<uint64_t>(available, std::max(wanted, kafka::kBatchHeaderBytes));
  }
  const auto file = segment.file();
  if (!file) return tl::unexpected(storage_error(file.error()));
  Hint next = *found;
  while (wanted >= kafka::kBatchHeaderBytes) {
    buffer.bytes = std::make_unique_for_overwrite<std::byte[]>(wanted);
    auto got = (*file)->read_at(found->position, {buffer.bytes.get(), wanted});
    if (!got) return tl::unexpected(storage_error(got.error()));
    base::ByteView rest(buffer.bytes.get(), *got);
    size_t first_bytes = 0;
    while (rest.size() >= kafka::kBatchHeaderBytes) {
      const auto header = kafka::parse_batch_header(rest);
      const bool is_first = first_bytes == 0;
      if (!header && !is_first) break;  // the reader gets what is sound, and asks again there
      if (!header) {
        return tl::unexpected(
            read_error(corruption(segment, found->position, base::to_line(header.error()))));
      }
      if (is_first) first_bytes = header->size();
      if (header->base_offset >= end_offset || header->size() > rest.size()) break;
      if (is_first && !kafka::batch_crc_matches(rest, *header)) {
        return tl::unexpected(read_error(corruption(segment, found->position, "its CRC is wrong")));
      }
      rest = rest.subspan(header->size());
      buffer.size += header->size();
      next.offset = header->next_offset();
    }
    if (buffer.size > 0 || !has_first_whole || first_bytes <= wanted) break;
    wanted = first_bytes;
    if (wanted > available) {
      return tl::unexpected(read_error(corruption(segment, found->position, "it is cut")));
    }
    if (wanted <= kUncheckedBatchBytesMax) continue;
    if (const auto sound = check_batch_at(*found); !sound) {
      return tl::unexpected(read_error(sound.error()));
    }
  }
  if (buffer.size > 0) {
    next.position += buffer.size;
    buffer.next_offset = next.offset;
    remember(next);
  }
  return buffer;
}

/// Where a region that begins at `from` ends: at the last batch boundary that an index knows.
base::Result<PartitionLog::Hint> PartitionLog::find_cut(const Hint& from, int64_t end_offset,
                                                        size_t bytes_max) {
  Segment& segment = *from.segment;
  Hint cut{-1, &segment, segment.size()};
  if (bytes_max < segment.size() - from.position) {
    TICKLAKE_ASSIGN(cut.position, segment.batch_position_before(from.position + bytes_max));
    std::array<std::byte, kafka::kBatchHeaderBytes> bytes{};
    TICKLAKE_ASSIGN(const auto file, segment.file());
    TICKLAKE_ASSIGN(const size_t got, file->read_at(cut.position, bytes));
    TICKLAKE_ASSIGN(const kafka::BatchHeader header,
                    kafka::parse_batch_header(base::ByteView(bytes).first(got)));
    cut.offset = header.base_offset;
  } else if (&segment == &active()) {
    cut.offset = end_offset_;
  } else {
    cut.offset = segment_behind(segment).base_offset();
  }
  if (cut.offset <= end_offset) return cut;
  TICKLAKE_ASSIGN(Hint end, find(end_offset));
  // The end may stand in a later segment, where compaction left nothing of this one's end.
  return end.segment == &segment ? end : cut;
}

std::optional<LogRegion> PartitionLog::find_region(int64_t offset, int64_t end_offset,
                                                   size_t bytes_max) {
  if (offset < start_offset_ || offset >= end_offset || end_offset > end_offset_) return {};
  if (bytes_max < kRegionBytesMin) return {};
  Hint* const hint = hint_of(offset);
  const auto from = hint ? base::Result<Hint>(*hint) : search(offset);
  if (!from || from->segment->size() - from->position < kRegionBytesMin) return {};
  // Nobody looks at the bytes on their way: who comes to the same place again may have found them
  // corrupt.
  if ((!hint || std::exchange(hint->is_lent, true)) && !check_batch_at(*from)) return {};
  const auto cut = find_cut(*from, end_offset, bytes_max);
  if (!cut || cut->position < from->position + kRegionBytesMin) return {};
  const auto file = from->segment->file();
  if (!file) return {};
  auto lent = open_files().lend(*file);
  if (!lent) return {};
  remember(*cut);
  return LogRegion{{std::move(lent), from->position, cut->position - from->position}, cut->offset};
}

base::Result<std::optional<PartitionLog::TimeAndOffset>> PartitionLog::find_in(
    Segment& segment, int64_t timestamp_ms) {
  TICKLAKE_ASSIGN(const uint64_t position, segment.position_before_time(timestamp_ms));
  TICKLAKE_ASSIGN(const auto file, segment.file());
  BatchScanner scanner(*file, position, segment.size());
  while (true) {
    const uint64_t at = scanner.position();
    const auto next = scanner.next();
    if (!next && next.error().code == base::ErrorCode::kInvalidData) {
      return base::fail(corruption(segment, at, base::to_line(next.error())));
    }
    TICKLAKE_ASSIGN(const auto batch, next);
    if (!batch) return std::nullopt;
    const kafka::BatchHeader& header = batch->header;
    if (header.max_timestamp_ms < timestamp_ms || header.last_offset() < start_offset_) continue;
    if (header.timestamp_type() == kafka::TimestampType::kLogAppendTime) {
      return TimeAndOffset{header.max_timestamp_ms, header.base_offset};
    }
    TICKLAKE_ASSIGN(const kafka::BatchRecords records,
                    kafka::BatchRecords::read(batch->bytes, kRecordsBytesMax));
    for (const kafka::Record& record : records.records()) {
      if (record.timestamp_ms >= timestamp_ms && record.offset >= start_offset_) {
        return TimeAndOffset{record.timestamp_ms, record.offset};
      }
    }
  }
}

base::Result<std::optional<PartitionLog::TimeAndOffset>> PartitionLog::find_by_time(
    int64_t timestamp_ms) {
  for (const auto& segment : segments_) {
    if (segment->max_timestamp_ms() < timestamp_ms) continue;
    TICKLAKE_ASSIGN(auto found, find_in(*segment, timestamp_ms));
    if (found) return found;
  }
  return std::nullopt;
}

base::Result<std::optional<PartitionLog::TimeAndOffset>> PartitionLog::find_max_timestamp() {
  int64_t max_timestamp_ms = -1;
  for (const auto& segment : segments_)
    max_timestamp_ms = std::max(max_timestamp_ms, segment->max_timestamp_ms());
  if (max_timestamp_ms < 0) return std::nullopt;
  return find_by_time(max_timestamp_ms);
}

base::Result<void> PartitionLog::for_each_batch(const VisitBytes& visit) {
  for (const auto& segment : segments_) {
    TICKLAKE_ASSIGN(const auto file, segment->file());
    BatchScanner scanner(*file, 0, segment->size());
    while (true) {
      TICKLAKE_ASSIGN(const auto batch, scanner.next());
      if (!batch) break;
      TICKLAKE_TRY(visit(batch->bytes));
    }
  }
  return {};
}

PartitionLog::SyncWork PartitionLog::take_sync_work() {
  SyncWork work{.files = std::exchange(unsynced_, {}), .end_offset = end_offset_};
  if (auto file = active().unsynced_file()) {
    work.files.push_back(std::move(file));
  } else {
    left_unsynced_.push_back(active().base_offset());
  }
  for (const int64_t base_offset : std::exchange(left_unsynced_, {})) {
    const std::vector<base::Path> paths = segment_of(base_offset).paths();
    work.paths.insert(work.paths.end(), paths.begin(), paths.end());
  }
  if (std::exchange(is_folder_unsynced_, false)) work.folder = folder_;
  synced_end_taken_ = end_offset_;
  return work;
}

void PartitionLog::synced(int64_t end_offset) {
  recovery_point_ = std::max(recovery_point_, end_offset);
  if (recovery_point_ == end_offset_) active().set_synced();
}

bool PartitionLog::is_flush_due(int64_t now_ms) const {
  const int64_t unsynced = end_offset_ - synced_end_taken_;
  // If the clock was set back, nobody knows for how long it waits.
  return unsynced > 0 &&
         (unsynced >= options_.settings.flush_messages || now_ms < unsynced_since_ms_ ||
          now_ms - unsynced_since_ms_ >= options_.settings.flush_ms);
}

bool PartitionLog::may_drop_oldest(int64_t now_ms) const {
  const LogSettings& settings = options_.settings;
  const Segment& oldest = *segments_.front();
  const bool is_active = segments_.size() == 1;
  const int64_t next_offset = is_active ? end_offset_ : segments_[1]->base_offset();
  // What is not on disk yet may still have someone waiting for its fsync.
  if (next_offset > recovery_point_ || (is_active && oldest.size() == 0)) return false;
  if (!is_active && next_offset <= start_offset_) return true;
  if (!settings.is_deleting) return false;
  // Without a time it is as young as can be; a time from the future does not overflow.
  const bool is_old = settings.retention_ms >= 0 && oldest.max_timestamp_ms() >= 0 &&
                      now_ms - oldest.max_timestamp_ms() > settings.retention_ms;
  return is_old ||
         (settings.retention_bytes >= 0 &&
          size_bytes() - oldest.size() >= static_cast<uint64_t>(settings.retention_bytes));
}

base::Result<bool> PartitionLog::apply_retention(int64_t now_ms) {
  bool has_moved = false;
  while (may_drop_oldest(now_ms)) {
    if (segments_.size() == 1) TICKLAKE_TRY(roll());
    TICKLAKE_TRY(segments_.front()->remove());
    hints_.clear();
    segments_.erase(segments_.begin());
    TICKLAKE_TRY(move_start(segments_.front()->base_offset()));
    has_moved = true;
  }
  producers_.expire(now_ms, options_.settings.producer_expiration_ms);
  return has_moved;
}

base::Result<void> PartitionLog::move_start(int64_t offset) {
  start_offset_ = std::max(start_offset_, offset);
  if (!epochs_.truncate_front(start_offset_)) return {};
  return epochs_.write(files_, folder_ / "leader-epoch-checkpoint");
}

void PartitionLog::delete_before(int64_t offset) {
  TICKLAKE_ASSERT(offset <= end_offset_);
  if (auto moved = move_start(offset); !moved) {
    // Readers are answered from memory; the next start truncates the file's entries again.
    logger_.warn("{}: {}", name(), base::to_line(moved.error()));
  }
}

base::Result<void> PartitionLog::close() {
  if (has_failed_) {
    return base::fail(base::ErrorCode::kIo, "cannot close " + name() + " cleanly",
                      "an fsync failed earlier");
  }
  TICKLAKE_TRY(write_snapshot());
  TICKLAKE_ASSIGN(auto index_files, active().finish());
  SyncWork work = take_sync_work();
  work.files.insert(work.files.end(), index_files.begin(), index_files.end());
  work.folder = folder_;
  TICKLAKE_TRY(work.run(files_));
  synced(work.end_offset);
  return {};
}

}  // namespace ticklake::broker
