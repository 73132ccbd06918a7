#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "broker/log/batch_scanner.h"
#include "broker/log/open_files.h"
#include "broker/log/txn_index.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {

/// Kafka's log.index.interval.bytes: an index entry after more than so many bytes of batches.
inline constexpr uint64_t kIndexIntervalBytes = 4096;

/// The offset in a name such as 00000000000000000042.log; none if it is not that with `suffix`.
std::optional<int64_t> offset_in_name(std::string_view name, std::string_view suffix);

/// One segment of a partition in Kafka's format: `<20 digits>.log` with the batches as they came,
/// `.index` (offset to position), `.timeindex` (time to offset) and, if a transaction was aborted
/// in it, `.txnindex`; they are equal to the byte to what Kafka writes for the same appends. The
/// indexes of the active segment are in memory and reach the disk in finish(); recover() makes
/// them again, that of aborted transactions with the help of its visitor.
class Segment {
 public:
  struct OffsetEntry {
    int32_t relative_offset;
    uint32_t position;
  };
  struct TimeEntry {
    int64_t timestamp_ms;
    int32_t relative_offset;
  };
  /// What recover() found: how far the batches are sound, and why it stopped there, if not at the
  /// end of the file.
  struct Recovered {
    uint64_t valid_bytes = 0;
    int64_t next_offset = 0;
    std::optional<std::string> problem;
    /// A sound batch stands after the bad bytes: this is corruption, not a torn write.
    bool has_batches_after = false;
  };
  using VisitBatch = std::function<void(const BatchScanner::Batch&)>;

  /// A new, empty one; files of that name are emptied.
  /// `state_suffix` comes behind the names of one that is no part of the log yet.
  /// `open_files` bounds how many log files stay open, and must outlive it.
  static base::Result<std::unique_ptr<Segment>> create(base::FileSystem& files,
                                                       OpenFiles& open_files,
                                                       const base::Path& folder,
                                                       int64_t base_offset,
                                                       std::string_view state_suffix = {});
  /// One that was closed properly, to be read only.
  static base::Result<std::unique_ptr<Segment>> open(base::FileSystem& files, OpenFiles& open_files,
                                                     const base::Path& folder, int64_t base_offset);
  ~Segment() { open_files_.forget(*this); }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  int64_t base_offset() const { return base_offset_; }
  uint64_t size() const { return size_; }
  int64_t max_timestamp_ms() const { return max_timestamp_ms_; }
  /// The max timestamp of its first batch; of the active one only; -1 if it has none.
  int64_t first_timestamp_ms() const { return first_timestamp_ms_; }
  /// The log file, which is opened if it is not. Whoever keeps it, keeps it open.
  base::Result<std::shared_ptr<base::File>> file();
  /// Null if nothing was appended that is not known to be on disk.
  std::shared_ptr<base::File> unsynced_file() const { return is_unsynced_ ? file_ : nullptr; }
  /// What was appended is on disk: the file need not stay open.
  void set_synced();
  /// From OpenFiles.
  void close_file() { file_.reset(); }
  /// False if the index of aborted transactions on disk does not read: the log must be recovered.
  bool has_sound_txn_index() const { return has_sound_txn_index_; }

  /// Makes it the active one: loads its indexes.
  base::Result<void> activate();
  /// Writes `batch` at the end. After an error nothing has changed that a reader can see.
  base::Result<void> append(base::ByteView batch, const kafka::BatchHeader& header);
  /// A transaction was aborted by a marker in this segment, the active one.
  void add_aborted(const AbortedTransaction& aborted) {
    aborted_.push_back(aborted);
    has_new_aborted_ = true;
  }
  base::Result<std::vector<AbortedTransaction>> aborted_transactions();
  /// It takes the place of that segment, whose index of aborted transactions must not stay behind:
  /// this one has one too then, if an empty one.
  void set_replacing(const Segment& other) { must_have_txn_index_ = other.has_txn_index_; }
  /// Completes the indexes, writes them and gives reserved room back; reading goes on. The result
  /// are the index files, for those who want them on disk.
  base::Result<std::vector<std::shared_ptr<base::File>>> finish();

  /// A position at or before the batch that holds `offset`.
  base::Result<uint64_t> position_before(int64_t offset);
  /// A position at or before `position` at which a batch begins.
  base::Result<uint64_t> batch_position_before(uint64_t position);
  /// The position of a batch at or before the first that has a timestamp of at least that.
  base::Result<uint64_t> position_before_time(int64_t timestamp_ms);

  /// Reads all batches, checks every CRC and builds the indexes again. Changes no file.
  base::Result<Recovered> recover(const VisitBatch& visit);
  /// Cuts the log file; the indexes must be those of recover().
  base::Result<void> truncate(uint64_t size);
  base::Result<void> remove();
  /// Of all its files that may be there.
  std::vector<base::Path> paths() const;

  /// The path of one of its files, for example with ".log".
  static base::Path path(const base::Path& folder, int64_t base_offset, std::string_view suffix);
  /// Its files were renamed.
  void set_state_suffix(std::string_view suffix) { state_suffix_ = suffix; }

 private:
  Segment(base::FileSystem& files, OpenFiles& open_files, base::Path folder, int64_t base_offset)
      : files_(files),
        open_files_(open_files),
        folder_(std::move(folder)),
        base_offset_(base_offset) {}

  base::Path own_path(std::string_view suffix) const;
  void index(const kafka::BatchHeader& header, uint64_t position);
  void add_time_entry();
  template <typename IsBefore>
  base::Result<uint64_t> position_of_last(const IsBefore& is_before);
  base::Result<void> load_offsets(std::vector<OffsetEntry>& into);
  base::Result<void> load_times(std::vector<TimeEntry>& into);
  base::Result<std::vector<AbortedTransaction>> load_aborted();
  base::Result<std::shared_ptr<base::File>> write_aborted();
  base::Result<void> reserve(uint64_t size);
  base::Result<bool> has_sound_batch_after(uint64_t position);

  base::FileSystem& files_;
  OpenFiles& open_files_;
  base::Path folder_;
  int64_t base_offset_;
  std::string state_suffix_;
  std::shared_ptr<base::File> file_;  ///< null while it is not open
  bool is_unsynced_ = false;          ///< it stays open: else a failure to write could go unseen
  uint64_t size_ = 0;
  uint64_t reserved_ = 0;
  bool is_active_ = false;

  std::vector<OffsetEntry> offsets_;  ///< of the active one only
  std::vector<TimeEntry> times_;
  uint64_t bytes_since_index_entry_ = 0;
  int64_t first_timestamp_ms_ = -1;
  int64_t max_timestamp_ms_ = -1;
  int64_t offset_of_max_timestamp_ = -1;
  std::vector<AbortedTransaction> aborted_;  ///< of the active one only
  bool has_new_aborted_ = false;             ///< not as on disk
  bool has_txn_index_ = false;               ///< on disk
  bool must_have_txn_index_ = false;         ///< on disk, though it be empty
  bool has_sound_txn_index_ = true;
};

}  // namespace ticklake::broker
