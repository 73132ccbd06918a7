#include "broker/log/segment.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace ticklake::broker {
namespace {

constexpr size_t kOffsetDigits = 20;
constexpr size_t kOffsetEntryBytes = 8;
constexpr size_t kTimeEntryBytes = 12;
constexpr size_t kMagicPosition = 16;
constexpr uint64_t kIndexBytesMax = uint64_t{64} << 20;
/// Room is reserved in steps that double between these, so that a small topic takes little.
constexpr uint64_t kReserveBytesMin = uint64_t{1} << 20;
constexpr uint64_t kReserveBytesMax = uint64_t{64} << 20;
/// How far recovery looks for a sound batch behind a bad one.
constexpr uint64_t kSearchBytesMax = uint64_t{16} << 20;

base::Result<base::Bytes> read_all(base::FileSystem& files, const base::Path& path) {
  TICKLAKE_ASSIGN(auto file, files.open(path, base::OpenMode::kRead));
  TICKLAKE_ASSIGN(const uint64_t size, file->size());
  if (size > kIndexBytesMax) {
    return base::fail(base::ErrorCode::kCorrupt, "index " + path.string() + " is too large");
  }
  base::Bytes bytes(size);
  TICKLAKE_ASSIGN(const size_t got, file->read_at(0, bytes));
  bytes.resize(got);
  return bytes;
}

base::Result<std::shared_ptr<base::File>> write_all(base::FileSystem& files, const base::Path& path,
                                                    base::ByteView bytes) {
  TICKLAKE_ASSIGN(std::shared_ptr<base::File> file, files.open(path, base::OpenMode::kCreate));
  TICKLAKE_TRY(file->truncate(0));
  TICKLAKE_TRY(file->write_at(0, bytes));
  return file;
}

}  // namespace

std::optional<int64_t> offset_in_name(std::string_view name, std::string_view suffix) {
  if (name.size() != kOffsetDigits + suffix.size() || !name.ends_with(suffix)) return {};
  int64_t offset = 0;
  const char* end = name.data() + kOffsetDigits;
  const auto parsed = std::from_chars(name.data(), end, offset);
  if (parsed.ec != std::errc() || parsed.ptr != end) return {};
  return offset;
}

base::Path Segment::own_path(std::string_view suffix) const {
  return path(folder_, base_offset_, std::string(suffix) + state_suffix_);
}

base::Path Segment::path(const base::Path& folder, int64_t base_offset, std::string_view suffix) {
  return folder / fmt::format("{:020}{}", base_offset, suffix);
}

base::Result<std::shared_ptr<base::File>> Segment::file() {
  if (!file_) {
    TICKLAKE_ASSIGN(file_, files_.open(own_path(".log"), base::OpenMode::kReadWrite));
  }
  if (!is_unsynced_) open_files_.used(*this);
  return file_;
}

void Segment::set_synced() {
  is_unsynced_ = false;
  if (file_) open_files_.used(*this);
}

base::Result<std::unique_ptr<Segment>> Segment::create(base::FileSystem& files,
                                                       OpenFiles& open_files,
                                                       const base::Path& folder,
                                                       int64_t base_offset,
                                                       std::string_view state_suffix) {
  std::unique_ptr<Segment> segment(new Segment(files, open_files, folder, base_offset));
  segment->state_suffix_ = state_suffix;
  TICKLAKE_ASSIGN(segment->file_, files.open(segment->own_path(".log"), base::OpenMode::kCreate));
  TICKLAKE_TRY(segment->file_->truncate(0));
  segment->set_synced();
  TICKLAKE_TRY(write_all(files, segment->own_path(".index"), {}));
  TICKLAKE_TRY(write_all(files, segment->own_path(".timeindex"), {}));
  TICKLAKE_TRY(segment->write_aborted());
  segment->is_active_ = true;
  return segment;
}

base::Result<std::unique_ptr<Segment>> Segment::open(base::FileSystem& files, OpenFiles& open_files,
                                                     const base::Path& folder,
                                                     int64_t base_offset) {
  std::unique_ptr<Segment> segment(new Segment(files, open_files, folder, base_offset));
  TICKLAKE_ASSIGN(const auto log_file, segment->file());
  TICKLAKE_ASSIGN(segment->size_, log_file->size());
  segment->reserved_ = segment->size_;
  TICKLAKE_ASSIGN(segment->has_txn_index_, files.exists(path(folder, base_offset, ".txnindex")));
  auto aborted = segment->load_aborted();
  segment->has_sound_txn_index_ = aborted.has_value();
  std::vector<TimeEntry> times;
  std::vector<OffsetEntry> offsets;
  // An index that does not read is made again; the log alone is the truth.
  if (!segment->load_times(times) || !segment->load_offsets(offsets)) {
    TICKLAKE_TRY(segment->recover([](const BatchScanner::Batch&) {}));
    // What is on disk of it stays: the batches of this segment alone do not tell who aborted.
    segment->has_new_aborted_ = false;
    segment->has_sound_txn_index_ = aborted.has_value();
    TICKLAKE_TRY(segment->finish());
    return segment;
  }
  if (!times.empty()) {
    segment->max_timestamp_ms_ = times.back().timestamp_ms;
    segment->offset_of_max_timestamp_ = base_offset + times.back().relative_offset;
  }
  return segment;
}

base::Result<void> Segment::load_offsets(std::vector<OffsetEntry>& into) {
  TICKLAKE_ASSIGN(const base::Bytes bytes, read_all(files_, own_path(".index")));
  base::ByteReader reader(bytes);
  while (reader.remaining() >= kOffsetEntryBytes) {
    const auto relative = reader.big_endian<int32_t>();
    const auto position = reader.big_endian<uint32_t>();
    const bool is_ordered =
        into.empty() || (relative > into.back().relative_offset && position > into.back().position);
    if (!is_ordered || relative < 0 || position >= size_) {
      return base::fail(base::ErrorCode::kCorrupt, "offset index is not in order");
    }
    into.push_back({relative, position});
  }
  return {};
}

base::Result<void> Segment::load_times(std::vector<TimeEntry>& into) {
  TICKLAKE_ASSIGN(const base::Bytes bytes, read_all(files_, own_path(".timeindex")));
  base::ByteReader reader(bytes);
  while (reader.remaining() >= kTimeEntryBytes) {
    const auto timestamp_ms = reader.big_endian<int64_t>();
    const auto relative = reader.big_endian<int32_t>();
    const bool is_ordered = into.empty() || timestamp_ms > into.back().timestamp_ms;
    if (!is_ordered || relative < 0) {
      return base::fail(base::ErrorCode::kCorrupt, "time index is not in order");
    }
    into.push_back({timestamp_ms, relative});
  }
  return {};
}

base::Result<std::vector<AbortedTransaction>> Segment::load_aborted() {
  if (!has_txn_index_) return std::vector<AbortedTransaction>();
  TICKLAKE_ASSIGN(const base::Bytes bytes, read_all(files_, own_path(".txnindex")));
  return read_txn_index(bytes);
}

base::Result<std::vector<AbortedTransaction>> Segment::aborted_transactions() {
  if (is_active_) return aborted_;
  return load_aborted();
}

/// As Kafka does it, there is such a file only where there is something to say.
base::Result<std::shared_ptr<base::File>> Segment::write_aborted() {
  const base::Path file = own_path(".txnindex");
  has_new_aborted_ = false;
  if (aborted_.empty() && !must_have_txn_index_) {
    TICKLAKE_ASSIGN(const bool is_there, files_.exists(file));
    if (is_there) TICKLAKE_TRY(files_.remove(file));
    has_txn_index_ = false;
    return std::shared_ptr<base::File>();
  }
  TICKLAKE_ASSIGN(auto written, write_all(files_, file, write_txn_index(aborted_)));
  has_txn_index_ = true;
  return written;
}

base::Result<void> Segment::activate() {
  if (is_active_) return {};
  TICKLAKE_ASSIGN(aborted_, load_aborted());
  offsets_.clear();
  times_.clear();
  TICKLAKE_TRY(load_offsets(offsets_));
  TICKLAKE_TRY(load_times(times_));
  // What came after the last entry, so that the next one comes where Kafka would put it.
  bytes_since_index_entry_ = size_ - (offsets_.empty() ? 0 : offsets_.back().position);
  TICKLAKE_ASSIGN(const auto log_file, file());
  BatchScanner scanner(*log_file, 0, size_);
  // What is no batch is recovery's to find.
  if (const auto first = scanner.next(); first && *first) {
    first_timestamp_ms_ = (*first)->header.max_timestamp_ms;
  }
  is_active_ = true;
  return {};
}

void Segment::add_time_entry() {
  if (max_timestamp_ms_ < 0) return;
  if (!times_.empty() && max_timestamp_ms_ <= times_.back().timestamp_ms) return;
  times_.push_back(
      {max_timestamp_ms_, static_cast<int32_t>(offset_of_max_timestamp_ - base_offset_)});
}

void Segment::index(const kafka::BatchHeader& header, uint64_t position) {
  if (position == 0) first_timestamp_ms_ = header.max_timestamp_ms;
  if (header.max_timestamp_ms > max_timestamp_ms_) {
    max_timestamp_ms_ = header.max_timestamp_ms;
    offset_of_max_timestamp_ = header.last_offset();
  }
  if (bytes_since_index_entry_ > kIndexIntervalBytes) {
    offsets_.push_back({static_cast<int32_t>(header.last_offset() - base_offset_),
                        static_cast<uint32_t>(position)});
    add_time_entry();
    bytes_since_index_entry_ = 0;
  }
  bytes_since_index_entry_ += header.size();
}

base::Result<void> Segment::reserve(uint64_t size) {
  if (size <= reserved_) return {};
  const uint64_t goal = size + std::clamp(size, kReserveBytesMin, kReserveBytesMax);
  if (file_->reserve(goal)) {
    reserved_ = goal;
    return {};
  }
  // With the disk nearly full just what is needed may still fit.
  TICKLAKE_TRY(file_->reserve(size));
  reserved_ = size;
  return {};
}

base::Result<void> Segment::append(base::ByteView batch, const kafka::BatchHeader& header) {
  TICKLAKE_TRY(file());
  open_files_.forget(*this);
  is_unsynced_ = true;
  TICKLAKE_TRY(reserve(size_ + batch.size()));
  if (auto written = file_->write_at(size_, batch); !written) {
    // Half a batch must not stand where recovery could take it for one.
    if (file_->truncate(size_)) reserved_ = size_;
    return written;
  }
  index(header, size_);
  size_ += batch.size();
  return {};
}

base::Result<std::vector<std::shared_ptr<base::File>>> Segment::finish() {
  add_time_entry();
  base::ByteWriter offsets;
  for (const OffsetEntry& entry : offsets_) {
    offsets.big_endian(entry.relative_offset);
    offsets.big_endian(entry.position);
  }
  base::ByteWriter times;
  for (const TimeEntry& entry : times_) {
    times.big_endian(entry.timestamp_ms);
    times.big_endian(entry.relative_offset);
  }
  TICKLAKE_ASSIGN(auto index_file, write_all(files_, own_path(".index"), offsets.view()));
  TICKLAKE_ASSIGN(auto time_file, write_all(files_, own_path(".timeindex"), times.view()));
  std::shared_ptr<base::File> aborted_file;
  if (has_new_aborted_ || must_have_txn_index_) {
    TICKLAKE_ASSIGN(aborted_file, write_aborted());
  }
  TICKLAKE_ASSIGN(const auto log_file, file());
  TICKLAKE_TRY(log_file->truncate(size_));
  reserved_ = size_;
  offsets_ = {};
  times_ = {};
  aborted_ = {};
  is_active_ = false;
  std::vector<std::shared_ptr<base::File>> index_files{std::move(index_file), std::move(time_file)};
  if (aborted_file) index_files.push_back(std::move(aborted_file));
  return index_files;
}

/// The position of the last entry for which `is_before` holds, as it does for all before that one;
/// 0 if for none.
template <typename IsBefore>
base::Result<uint64_t> Segment::position_of_last(const IsBefore& is_before) {
  if (is_active_) {
    const auto after = std::partition_point(offsets_.begin(), offsets_.end(), is_before);
    return after == offsets_.begin() ? 0 : std::prev(after)->position;
  }
  // A reader of what is old comes once a fetch: some small reads, not megabytes of index.
  TICKLAKE_ASSIGN(const auto index_file, files_.open(own_path(".index"), base::OpenMode::kRead));
  TICKLAKE_ASSIGN(const uint64_t index_bytes, index_file->size());
  uint64_t position = 0;
  uint64_t first = 0;
  uint64_t end = index_bytes / kOffsetEntryBytes;
  while (first < end) {
    const uint64_t middle = first + (end - first) / 2;
    std::array<std::byte, kOffsetEntryBytes> bytes{};
    TICKLAKE_ASSIGN(const size_t got, index_file->read_at(middle * kOffsetEntryBytes, bytes));
    base::ByteReader reader(base::ByteView(bytes).first(got));
    const auto relative = reader.big_endian<int32_t>();
    const OffsetEntry entry{relative, reader.big_endian<uint32_t>()};
    if (!reader.ok() || entry.position >= size_) {
      return base::fail(base::ErrorCode::kCorrupt, "the offset index does not fit its log",
                        own_path(".index").string());
    }
    if (is_before(entry)) {
      position = entry.position;
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return position;
}

base::Result<uint64_t> Segment::position_before(int64_t offset) {
  // An entry has its batch's last offset: the batch at the last entry up to `offset` either holds
  // it or stands before the one that does.
  return position_of_last(
      [&](const OffsetEntry& entry) { return base_offset_ + entry.relative_offset <= offset; });
}

base::Result<uint64_t> Segment::batch_position_before(uint64_t position) {
  return position_of_last([&](const OffsetEntry& entry) { return entry.position <= position; });
}

base::Result<uint64_t> Segment::position_before_time(int64_t timestamp_ms) {
  std::vector<TimeEntry> loaded;
  if (!is_active_) TICKLAKE_TRY(load_times(loaded));
  const std::vector<TimeEntry>& entries = is_active_ ? times_ : loaded;
  const auto after = std::partition_point(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.timestamp_ms < timestamp_ms;
  });
  if (after == entries.begin()) return 0;
  return position_before(base_offset_ + std::prev(after)->relative_offset);
}

base::Result<bool> Segment::has_sound_batch_after(uint64_t position) {
  base::Bytes bytes(std::min<uint64_t>(size_ - position, kSearchBytesMax));
  TICKLAKE_ASSIGN(const auto log_file, file());
  TICKLAKE_ASSIGN(const size_t got, log_file->read_at(position, bytes));
  const base::ByteView view = base::ByteView(bytes).first(got);
  for (size_t i = 1; i + kafka::kBatchHeaderBytes <= view.size(); ++i) {
    // The magic byte tells most places apart at once.
    if (view[i + kMagicPosition] != std::byte{2}) continue;
    const auto header = kafka::parse_batch_header(view.subspan(i));
    if (!header || header->size() > view.size() - i) continue;
    if (header->base_offset < base_offset_ || header->last_offset_delta < 0) continue;
    if (kafka::batch_crc_matches(view.subspan(i), *header)) return true;
  }
  return false;
}

base::Result<Segment::Recovered> Segment::recover(const VisitBatch& visit) {
  offsets_.clear();
  times_.clear();
  bytes_since_index_entry_ = 0;
  max_timestamp_ms_ = -1;
  offset_of_max_timestamp_ = -1;
  aborted_.clear();
  has_new_aborted_ = true;
  has_sound_txn_index_ = true;
  is_active_ = true;
  Recovered result{0, base_offset_, std::nullopt, false};
  TICKLAKE_ASSIGN(const auto log_file, file());
  BatchScanner scanner(*log_file, 0, size_);
  while (true) {
    const auto next = scanner.next();
    if (!next && next.error().code != base::ErrorCode::kInvalidData) {
      return tl::unexpected(next.error());
    }
    if (!next) {
      result.problem = next.error().what;
      break;
    }
    if (!next->has_value()) return result;
    const BatchScanner::Batch& batch = **next;
    if (batch.header.base_offset < result.next_offset || batch.header.last_offset_delta < 0) {
      result.problem = fmt::format("base offset {} where at least {} was expected",
                                   batch.header.base_offset, result.next_offset);
      break;
    }
    if (!kafka::batch_crc_matches(batch.bytes, batch.header)) {
      result.problem = "the CRC is wrong";
      break;
    }
    index(batch.header, batch.position);
    visit(batch);
    result.valid_bytes = batch.position + batch.header.size();
    result.next_offset = batch.header.next_offset();
  }
  TICKLAKE_ASSIGN(result.has_batches_after, has_sound_batch_after(result.valid_bytes));
  return result;
}

base::Result<void> Segment::truncate(uint64_t size) {
  TICKLAKE_ASSIGN(const auto log_file, file());
  TICKLAKE_TRY(log_file->truncate(size));
  size_ = size;
  reserved_ = size;
  return {};
}

std::vector<base::Path> Segment::paths() const {
  return {own_path(".log"), own_path(".index"), own_path(".timeindex"), own_path(".txnindex")};
}

base::Result<void> Segment::remove() {
  for (const char* suffix : {".log", ".index", ".timeindex", ".txnindex", ".snapshot"}) {
    const base::Path file = own_path(suffix);
    TICKLAKE_ASSIGN(const bool is_there, files_.exists(file));
    if (is_there) TICKLAKE_TRY(files_.remove(file));
  }
  return {};
}

}  // namespace ticklake::broker
