#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/fragment.h"
#include "base/log.h"
#include "broker/log/checkpoints.h"
#include "broker/log/end_marker.h"
#include "broker/log/producer_state.h"
#include "broker/log/segment.h"
#include "kafka/compression.h"
#include "kafka/error_code.h"

namespace ticklake::broker {

/// The configs of a topic that act (topic_configs.h); the defaults are Kafka's.
struct LogSettings {
  uint64_t segment_bytes = uint64_t{1} << 30;
  kafka::TimestampType timestamp_type = kafka::TimestampType::kCreateTime;
  int64_t retention_ms = int64_t{7} * 24 * 60 * 60 * 1000;  ///< -1: for ever
  int64_t retention_bytes = -1;                             ///< -1: no limit
  int32_t batch_bytes_max = 1'048'588;                      ///< max.message.bytes
  int64_t segment_ms = int64_t{7} * 24 * 60 * 60 * 1000;    ///< from its first batch on
  bool is_compacted = false;                                ///< cleanup.policy names compact
  bool is_deleting = true;                                  ///< cleanup.policy names delete
  std::optional<kafka::Codec> codec = {};                   ///< compression.type; none: producer
  int64_t flush_messages = std::numeric_limits<int64_t>::max();
  int64_t flush_ms = std::numeric_limits<int64_t>::max();
  int64_t delete_retention_ms = int64_t{24} * 60 * 60 * 1000;  ///< of tombstones
  double dirty_ratio_min = 0.5;                                ///< min.cleanable.dirty.ratio
  int64_t compaction_lag_min_ms = 0;
  int64_t compaction_lag_max_ms = std::numeric_limits<int64_t>::max();
  /// How far a record's own time may be from the broker's, back and ahead.
  int64_t timestamp_before_max_ms = std::numeric_limits<int64_t>::max();
  int64_t timestamp_after_max_ms = std::numeric_limits<int64_t>::max();
  /// Of the broker, not of a topic: a producer that is silent for longer is forgotten.
  int64_t producer_expiration_ms = int64_t{24} * 60 * 60 * 1000;
};

/// Why a request for a partition fails, as its response says it.
struct LogError {
  kafka::ErrorCode code = kafka::ErrorCode::kUnknownServerError;
  std::string message;
};
template <typename T>
using LogResult = tl::expected<T, LogError>;

/// Bytes that are read for a response, in memory of their own.
struct ReadBuffer {
  std::unique_ptr<std::byte[]> bytes;
  size_t size = 0;
  int64_t next_offset = -1;  ///< behind the last batch; -1 if there is none

  base::ByteView view() const { return {bytes.get(), size}; }
};

/// Whole batches where they stand on disk, below the high watermark or the last stable offset:
/// nothing changes there.
struct LogRegion {
  base::FileRegion bytes;
  int64_t next_offset = -1;  ///< behind the last batch
};

/// One partition's batches on disk: a folder `<topic>-<partition>` of segments in Kafka's format.
/// All calls come from one thread; only the files of a SyncWork go to another one.
class PartitionLog {
 public:
  struct OpenOptions {
    LogSettings settings;
    std::string name;  ///< "topic-0", for messages
    int32_t leader_epoch = 0;
    /// The broker stopped properly: the files are as they should be.
    bool was_clean = false;
    int64_t recovery_point = 0;
    int64_t log_start_offset = 0;
    /// Up to where compaction has been: segments before it need not follow one another.
    int64_t cleaned_until = 0;
    /// Bounds what all logs have open; none: the log has a bound of its own.
    OpenFiles* open_files = nullptr;
  };
  /// What compaction asks of a segment that is not the active one.
  struct ClosedSegment {
    int64_t base_offset = 0;
    int64_t next_base_offset = 0;
    uint64_t size = 0;
    int64_t max_timestamp_ms = -1;
  };
  struct Appended {
    int64_t base_offset = -1;
    int64_t last_offset = -1;
    int64_t log_append_time_ms = -1;  ///< -1 unless the topic uses LogAppendTime
    bool is_duplicate = false;
  };
  struct TimeAndOffset {
    int64_t timestamp_ms = -1;
    int64_t offset = -1;
  };
  /// What has to be synced before everything up to end_offset is on disk.
  struct SyncWork {
    std::vector<std::shared_ptr<base::File>> files = {};
    /// Of what an earlier life of the broker wrote, and indexes: opened for it, passed over if
    /// gone.
    std::vector<base::Path> paths = {};
    std::optional<base::Path> folder = {};
    int64_t end_offset = 0;

    /// Does it, on any thread; pass end_offset to synced() if it succeeds.
    base::Result<void> run(base::FileSystem& file_system) const;
  };

  /// Opens or makes the log; recovers it if the broker crashed. What recovery cuts off is logged,
  /// and kept aside as `.corrupt` if sound batches stood behind the bad bytes.
  static base::Result<std::unique_ptr<PartitionLog>> open(base::FileSystem& files,
                                                          base::Path folder, OpenOptions options,
                                                          base::Logger& logger);

  const std::string& name() const { return options_.name; }
  int64_t start_offset() const { return start_offset_; }
  int64_t end_offset() const { return end_offset_; }
  int64_t recovery_point() const { return recovery_point_; }
  int32_t leader_epoch() const { return options_.leader_epoch; }
  uint64_t size_bytes() const;
  const LeaderEpochs& epochs() const { return epochs_; }
  const ProducerState& producers() const { return producers_; }
  const LogSettings& settings() const { return options_.settings; }
  /// From the next append, retention or fsync on.
  void set_settings(const LogSettings& settings) { options_.settings = settings; }
  /// An fsync failed: what is in the page cache may not reach the disk, so that nothing may be
  /// acknowledged any more until the broker has recovered the log at its next start.
  bool has_failed() const { return has_failed_; }
  void set_failed() { has_failed_ = true; }

  /// Appends a batch that check_batch() accepted; sets its base offset, leader epoch and, if the
  /// topic says so, its append time in place. kKafkaStorageError if the disk is full or fails:
  /// nothing was appended, and the next call may succeed.
  LogResult<Appended> append(std::span<std::byte> batch, kafka::BatchHeader header, int64_t now_ms,
                             ProducerState::Origin origin = ProducerState::Origin::kClient);
  /// Ends that producer's open transaction, if there is one, by a control batch.
  /// kInvalidProducerEpoch or kTransactionCoordinatorFenced if the log knows of a newer one.
  LogResult<Appended> append_marker(int64_t producer_id, int16_t producer_epoch,
                                    const EndMarker& marker, int64_t now_ms);

  /// Whole batches from the one that holds `offset` on, of those that begin below `end_offset`, at
  /// most `bytes_max` in sum; the first one is given whatever its size if `has_first_whole`.
  /// kOffsetOutOfRange outside [start, end]; kCorruptMessage, with file and position in the
  /// message, if the first one's header or CRC is wrong: what stands behind it can be read.
  LogResult<ReadBuffer> read(int64_t offset, int64_t end_offset, size_t bytes_max,
                             bool has_first_whole);

  /// As read(), but where the batches stand: for a fetch of much, which is then never copied. None
  /// if they are fewer than kRegionBytesMin, too many regions are on their way, the disk fails or
  /// the first batch is corrupt: read() says then what there is to say. A reader that goes on from
  /// a region is not asked to wait for the check of a batch; one that comes again, is.
  std::optional<LogRegion> find_region(int64_t offset, int64_t end_offset, size_t bytes_max);
  /// Below this sendfile(2) costs as much as a copy, which packs small answers into one write.
  static constexpr size_t kRegionBytesMin = size_t{64} << 10;

  /// Up to where every transaction has ended, and by a marker that is itself below
  /// `high_watermark`: what a read_committed reader may see. It changes only with the high
  /// watermark, which must not go back.
  int64_t last_stable_offset(int64_t high_watermark);
  /// Those with records in [offset, upper_bound), and maybe some behind it.
  base::Result<std::vector<AbortedTransaction>> aborted_transactions(int64_t offset,
                                                                     int64_t upper_bound);

  /// The first record at or after that time; none if there is none.
  base::Result<std::optional<TimeAndOffset>> find_by_time(int64_t timestamp_ms);
  /// The record with the largest timestamp; none if the log is empty.
  base::Result<std::optional<TimeAndOffset>> find_max_timestamp();

  /// Gives every batch to `visit`, in order; its first error ends that.
  using VisitBytes = std::function<base::Result<void>(base::ByteView)>;
  base::Result<void> for_each_batch(const VisitBytes& visit);

  /// What was written since the last call.
  SyncWork take_sync_work();
  bool has_unsynced() const {
    return synced_end_taken_ < end_offset_ || !unsynced_.empty() || !left_unsynced_.empty();
  }
  /// Whether flush.messages or flush.ms ask for a sync of what acks=1 left to the system.
  bool is_flush_due(int64_t now_ms) const;
  /// All of that work was done.
  void synced(int64_t end_offset);

  /// DeleteRecords: what stands before `offset`, which is at most the end, is no longer read. Whole
  /// segments of it go with the next retention. Not durable: see LogFolder::delete_before().
  void delete_before(int64_t offset);
  /// Removes whole segments that retention lets go, the active one too (another follows it); true
  /// if the start moved. Forgets producers that have been silent for long.
  base::Result<bool> apply_retention(int64_t now_ms);
  /// Writes the indexes and the producer snapshot, syncs everything.
  base::Result<void> close();

  // For compaction (cleaner.h); in segment_swap.cc.

  std::vector<ClosedSegment> closed_segments() const;
  /// Null if it is gone, or the active one.
  Segment* find_closed(int64_t base_offset);
  /// A segment to be written beside the log, which swap_in() makes part of it.
  base::Result<std::unique_ptr<Segment>> begin_cleaned(int64_t base_offset);
  /// Puts `cleaned`, which is finished and on disk, in the place of the segments with these base
  /// offsets, which follow one another and begin with its own. kNotFound if one of them is gone.
  base::Result<void> swap_in(std::unique_ptr<Segment> cleaned, std::span<const int64_t> replaced);

 private:
  /// Where a reader that got everything before `offset` goes on.
  struct Hint {
    int64_t offset = -1;
    Segment* segment = nullptr;
    uint64_t position = 0;
    bool is_lent = false;  ///< a region from here on was given before
  };
  static constexpr size_t kHints = 16;
  static constexpr size_t kOwnOpenFilesMax = 16;

  PartitionLog(base::FileSystem& files, base::Path folder, OpenOptions options,
               base::Logger& logger)
      : files_(files), folder_(std::move(folder)), options_(std::move(options)), logger_(logger) {}

  // recovery.cc
  base::Result<void> load();
  base::Result<void> load_segments(const std::vector<int64_t>& base_offsets);
  base::Result<void> recover_from(size_t first);
  base::Result<void> cut(size_t index, const Segment::Recovered& recovered);
  base::Result<void> keep_aside(Segment& segment, uint64_t from);
  base::Result<bool> load_producers();
  base::Result<bool> restore_producers(int64_t offset);
  base::Result<size_t> last_with_producers(size_t first);
  base::Result<void> write_snapshot();
  bool may_begin_after_gap(const Segment& segment) const;

  // segment_swap.cc
  base::Result<void> finish_swaps(const std::vector<std::string>& names);

  Segment& active() { return *segments_.back(); }
  OpenFiles& open_files() { return options_.open_files ? *options_.open_files : own_open_files_; }
  Segment& segment_of(int64_t offset);
  Segment& segment_behind(const Segment& segment);
  base::Result<void> roll();
  base::Result<void> make_room(const kafka::BatchHeader& header, int64_t now_ms);
  bool is_active_old(const kafka::BatchHeader& header, int64_t now_ms) const;
  bool may_drop_oldest(int64_t now_ms) const;
  base::Result<void> move_start(int64_t offset);
  base::Result<void> begin_at(int64_t offset);
  base::Result<Appended> write(std::span<std::byte> batch, kafka::BatchHeader header,
                               int64_t now_ms);
  void note_producer(Segment& segment, const kafka::BatchHeader& header, base::ByteView batch,
                     std::optional<int64_t> now_ms);
  /// Where the batch that holds `offset` stands, as an earlier reader left it; null if none did.
  Hint* hint_of(int64_t offset);
  base::Result<Hint> search(int64_t offset);
  base::Result<Hint> find(int64_t offset);
  base::Result<void> check_batch_at(const Hint& place);
  base::Error corruption(const Segment& segment, uint64_t position, const std::string& cause) const;
  base::Result<Hint> find_cut(const Hint& from, int64_t end_offset, size_t bytes_max);
  void remember(const Hint& hint);
  base::Result<std::optional<TimeAndOffset>> find_in(Segment& segment, int64_t timestamp_ms);

  base::FileSystem& files_;
  base::Path folder_;
  OpenOptions options_;
  base::Logger& logger_;
  OpenFiles own_open_files_{kOwnOpenFilesMax};
  std::vector<std::unique_ptr<Segment>> segments_;  ///< by base offset; never empty when open
  LeaderEpochs epochs_;
  ProducerState producers_;
  int64_t start_offset_ = 0;
  int64_t end_offset_ = 0;
  int64_t recovery_point_ = 0;
  bool has_failed_ = false;
  bool is_disk_refusing_ = false;  ///< the last append failed; said in the log once

  std::vector<std::shared_ptr<base::File>> unsynced_;  ///< of closed segments
  std::vector<int64_t> left_unsynced_;                 ///< segments of an earlier life, and indexes
  bool is_folder_unsynced_ = false;
  int64_t synced_end_taken_ = 0;
  int64_t unsynced_since_ms_ = 0;  ///< of the first append that was not yet taken for a sync
  std::vector<Hint> hints_;
  size_t next_hint_ = 0;
};

/// Whether `bytes` is exactly one batch that a producer may append: magic, length, CRC, count,
/// codec. Its header, or the error that Kafka gives.
LogResult<kafka::BatchHeader> check_batch(base::ByteView bytes, size_t batch_bytes_max);

}  // namespace ticklake::broker
