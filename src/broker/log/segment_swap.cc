// A compacted segment takes the place of those that it was made of, so that a crash at any moment
// leaves either the old ones or the new one, as Kafka does it: `.cleaned` while it is written,
// `.swap` once it is whole and on disk, `.deleted` for what it replaces.

#include <algorithm>
#include <array>

#include "broker/log/partition_log.h"

namespace ticklake::broker {
namespace {

constexpr std::string_view kCleaned = ".cleaned";
constexpr std::string_view kSwap = ".swap";
constexpr std::string_view kDeleted = ".deleted";
constexpr std::string_view kSwappedLog = ".log.swap";
constexpr std::array<std::string_view, 4> kIndexesThenLog = {".index", ".timeindex", ".txnindex",
                                                             ".log"};

std::string with(std::string_view suffix, std::string_view state) {
  return std::string(suffix) + std::string(state);
}

base::Result<void> rename_if_there(base::FileSystem& files, const base::Path& from,
                                   const base::Path& to) {
  TICKLAKE_ASSIGN(const bool is_there, files.exists(from));
  return is_there ? files.rename(from, to) : base::Result<void>{};
}

base::Result<void> remove_if_there(base::FileSystem& files, const base::Path& path) {
  TICKLAKE_ASSIGN(const bool is_there, files.exists(path));
  return is_there ? files.remove(path) : base::Result<void>{};
}

/// Out of recovery's sight; the snapshot of its producers goes at once.
base::Result<void> retire(base::FileSystem& files, const base::Path& folder, int64_t base_offset) {
  for (const std::string_view suffix : kIndexesThenLog) {
    TICKLAKE_TRY(rename_if_there(files, Segment::path(folder, base_offset, suffix),
                                 Segment::path(folder, base_offset, with(suffix, kDeleted))));
  }
  return remove_if_there(files, Segment::path(folder, base_offset, ".snapshot"));
}

/// The offset after the last batch of a segment's file; its base if it is empty.
base::Result<int64_t> end_of(base::FileSystem& files, const base::Path& path, int64_t base_offset) {
  TICKLAKE_ASSIGN(const auto file, files.open(path, base::OpenMode::kRead));
  TICKLAKE_ASSIGN(const uint64_t size, file->size());
  BatchScanner scanner(*file, 0, size);
  int64_t end = base_offset;
  while (true) {
    TICKLAKE_ASSIGN(const auto batch, scanner.next());
    if (!batch) return end;
    end = batch->header.next_offset();
  }
}

}  // namespace

std::vector<PartitionLog::ClosedSegment> PartitionLog::closed_segments() const {
  std::vector<ClosedSegment> closed;
  for (size_t i = 0; i + 1 < segments_.size(); ++i) {
    const Segment& segment = *segments_[i];
    closed.push_back({segment.base_offset(), segments_[i + 1]->base_offset(), segment.size(),
                      segment.max_timestamp_ms()});
  }
  return closed;
}

Segment* PartitionLog::find_closed(int64_t base_offset) {
  Segment& segment = segment_of(base_offset);
  return segment.base_offset() == base_offset && &segment != &active() ? &segment : nullptr;
}

base::Result<std::unique_ptr<Segment>> PartitionLog::begin_cleaned(int64_t base_offset) {
  return Segment::create(files_, open_files(), folder_, base_offset, kCleaned);
}

base::Result<void> PartitionLog::swap_in(std::unique_ptr<Segment> cleaned,
                                         std::span<const int64_t> replaced) {
  const int64_t base_offset = cleaned->base_offset();
  const auto first = std::ranges::find_if(
      segments_, [&](const auto& segment) { return segment->base_offset() == base_offset; });
  const auto left = static_cast<size_t>(segments_.end() - first);
  // The active segment is never among them.
  const bool are_there =
      left > replaced.size() &&
      std::ranges::equal(replaced, std::span(first, replaced.size()), {}, {},
                         [](const auto& segment) { return segment->base_offset(); });
  if (!are_there) return base::fail(base::ErrorCode::kNotFound, "a segment is gone");

  for (const std::string_view suffix : kIndexesThenLog) {
    TICKLAKE_TRY(rename_if_there(files_,
                                 Segment::path(folder_, base_offset, with(suffix, kCleaned)),
                                 Segment::path(folder_, base_offset, with(suffix, kSwap))));
  }
  TICKLAKE_TRY(files_.sync_folder(folder_));
  for (const int64_t old : replaced.subspan(1))
    TICKLAKE_TRY(retire(files_, folder_, old));
  TICKLAKE_TRY(files_.sync_folder(folder_));
  for (const std::string_view suffix : kIndexesThenLog) {
    TICKLAKE_TRY(rename_if_there(files_, Segment::path(folder_, base_offset, with(suffix, kSwap)),
                                 Segment::path(folder_, base_offset, suffix)));
  }
  TICKLAKE_TRY(files_.sync_folder(folder_));
  cleaned->set_state_suffix({});
  *first = std::move(cleaned);
  segments_.erase(first + 1, first + static_cast<std::ptrdiff_t>(replaced.size()));
  hints_.clear();
  for (const int64_t old : replaced.subspan(1)) {
    for (const std::string_view suffix : kIndexesThenLog) {
      TICKLAKE_TRY(remove_if_there(files_, Segment::path(folder_, old, with(suffix, kDeleted))));
    }
  }
  return {};
}

base::Result<void> PartitionLog::finish_swaps(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.ends_with(kCleaned) || name.ends_with(kDeleted)) {
      TICKLAKE_TRY(files_.remove(folder_ / name));
    }
  }
  for (const std::string& name : names) {
    const auto base_offset = offset_in_name(name, kSwappedLog);
    if (!base_offset) continue;
    TICKLAKE_ASSIGN(const int64_t end, end_of(files_, folder_ / name, *base_offset));
    for (const std::string& other : names) {
      const auto old = offset_in_name(other, ".log");
      if (old && *old > *base_offset && *old < end) TICKLAKE_TRY(retire(files_, folder_, *old));
    }
    for (const std::string_view suffix : kIndexesThenLog) {
      TICKLAKE_TRY(rename_if_there(files_,
                                   Segment::path(folder_, *base_offset, with(suffix, kSwap)),
                                   Segment::path(folder_, *base_offset, suffix)));
    }
    logger_.info("{}: the compaction that a crash interrupted is in place", PartitionLog::name());
  }
  // Indexes of a swap that had not begun: the log's own is renamed last.
  TICKLAKE_ASSIGN(const std::vector<std::string> left, files_.list(folder_));
  for (const std::string& name : left) {
    if (name.ends_with(kSwap) || name.ends_with(kDeleted))
      TICKLAKE_TRY(files_.remove(folder_ / name));
  }
  return {};
}

}  // namespace ticklake::broker
