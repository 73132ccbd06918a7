#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "kafka/compression.h"

namespace ticklake::kafka {

// Record batch format v2 (magic 2), KIP-98; the byte layout is in docs/formats/record-batch.md.

inline constexpr size_t kBatchHeaderBytes = 61;
/// Base offset and length: what precedes the part that batchLength counts.
inline constexpr size_t kBatchLengthPrefixBytes = 12;
/// The CRC covers everything from here (attributes) to the end of the batch.
inline constexpr size_t kBatchCrcStart = 21;

enum class TimestampType : uint8_t { kCreateTime = 0, kLogAppendTime = 1 };

/// The 61 bytes before the records, decoded.
struct BatchHeader {
  int64_t base_offset = 0;
  int32_t batch_length = 0;  ///< bytes after this field
  int32_t leader_epoch = -1;
  int8_t magic = 2;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp_ms = 0;
  int64_t max_timestamp_ms = -1;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t record_count = 0;

  size_t size() const { return kBatchLengthPrefixBytes + static_cast<size_t>(batch_length); }
  int64_t last_offset() const { return base_offset + last_offset_delta; }
  int64_t next_offset() const { return last_offset() + 1; }
  /// As on the wire; may name a codec that does not exist (5, 6, 7).
  int codec_bits() const { return attributes & 0x07; }
  TimestampType timestamp_type() const {
    return (attributes & 0x08) ? TimestampType::kLogAppendTime : TimestampType::kCreateTime;
  }
  bool is_transactional() const { return (attributes & 0x10) != 0; }
  bool is_control() const { return (attributes & 0x20) != 0; }
  /// The base timestamp is the time from which compaction may drop tombstones (KIP-534).
  bool has_delete_horizon() const { return (attributes & 0x40) != 0; }
};

/// The header at the start of `bytes`; kInvalidData if there are fewer than 61 bytes, the length
/// is less than a header's or negative, or the magic is not 2. Does not look at the CRC and does
/// not need the records to be there.
base::Result<BatchHeader> parse_batch_header(base::ByteView bytes);

/// Whether the CRC of the whole batch at the start of `bytes` is right; false if it is cut.
bool batch_crc_matches(base::ByteView bytes, const BatchHeader& header);

// In-place changes that a broker makes to a batch. The first two lie outside the CRC.
void set_base_offset(std::span<std::byte> batch, int64_t base_offset);
void set_leader_epoch(std::span<std::byte> batch, int32_t leader_epoch);
/// Sets LogAppendTime and the batch's max timestamp, and computes the CRC again.
void set_log_append_time(std::span<std::byte> batch, int64_t timestamp_ms);

struct RecordHeader {
  std::string_view key;
  std::optional<std::string_view> value;
};

/// One record; key, value and headers point into the batch (or its decompressed body).
struct Record {
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::vector<RecordHeader> headers;
};

/// All records of one batch, decompressed if need be, with their memory.
class BatchRecords {
 public:
  /// Reads the whole batch at the start of `bytes`, which must outlive the result unless the
  /// batch is compressed. kInvalidData if it is cut, if a record does not parse, if the count or
  /// an offset delta is wrong, or if what it is decompressed to and the records with their headers
  /// take more than `memory_max` bytes in sum: seven bytes on disk may be a hundred here.
  static base::Result<BatchRecords> read(base::ByteView bytes, size_t memory_max);

  const BatchHeader& header() const { return header_; }
  std::span<const Record> records() const { return records_; }

 private:
  BatchHeader header_;
  base::Bytes body_;
  std::vector<Record> records_;
};

struct RecordToWrite {
  int64_t timestamp_ms = 0;
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};
  std::vector<RecordHeader> headers = {};
};

struct BatchToWrite {
  int64_t base_offset = 0;
  int32_t leader_epoch = -1;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  bool is_transactional = false;
  bool is_control = false;
  Codec codec = Codec::kNone;
  std::span<const RecordToWrite> records = {};  ///< at least one
};

/// One whole batch with its CRC. kIo if the codec fails.
base::Result<base::Bytes> write_batch(const BatchToWrite& batch);

/// A batch with the offsets, producer, epoch, flags and kind of times of `header` that holds only
/// `records`, which were read from that batch, in `codec`. Without records a header alone, which is
/// what compaction leaves of a producer's last batch. `delete_horizon_ms` sets KIP-534's flag.
base::Result<base::Bytes> rewrite_batch(const BatchHeader& header, std::span<const Record> records,
                                        Codec codec,
                                        std::optional<int64_t> delete_horizon_ms = std::nullopt);

}  // namespace ticklake::kafka
