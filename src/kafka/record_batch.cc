#include "kafka/record_batch.h"

#include <algorithm>

#include "base/assert.h"
#include "base/crc32c.h"

namespace ticklake::kafka {
namespace {

using base::ByteReader;
using base::Bytes;
using base::ByteView;
using base::ByteWriter;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr size_t kLeaderEpochAt = 12;
constexpr size_t kCrcAt = 17;
constexpr size_t kMaxTimestampAt = 35;
constexpr int16_t kLogAppendTimeBit = 0x08;
constexpr int16_t kDeleteHorizonBit = 0x40;
constexpr int kCodecBits = 0x07;
/// A record has at least a length, attributes, two deltas, two lengths and a header count.
constexpr size_t kRecordBytesMin = 7;
/// The lengths of its key and its value.
constexpr size_t kRecordHeaderBytesMin = 2;

tl::unexpected<base::Error> malformed(std::string why) {
  return fail(ErrorCode::kInvalidData, "malformed record batch", std::move(why));
}

/// A length of -1 is null; false if it is less or more than what remains.
bool read_nullable(ByteReader& reader, std::optional<std::string_view>& value) {
  const int32_t size = reader.varint();
  if (size == -1) return reader.ok();
  if (size < 0) return false;
  value = base::as_text(reader.take(static_cast<size_t>(size)));
  return reader.ok();
}

/// Takes `count` elements of `size` bytes each from a budget; false if they are more than is left.
bool take_from(size_t& bytes_left, size_t count, size_t size) {
  if (count > bytes_left / size) return false;
  bytes_left -= count * size;
  return true;
}

bool read_headers(ByteReader& reader, std::vector<RecordHeader>& headers, size_t& bytes_left) {
  const int32_t count = reader.varint();
  if (count < 0 || static_cast<size_t>(count) > reader.remaining() / kRecordHeaderBytesMin) {
    return false;
  }
  if (!take_from(bytes_left, static_cast<size_t>(count), sizeof(RecordHeader))) return false;
  headers.reserve(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) {
    std::optional<std::string_view> key;
    RecordHeader& header = headers.emplace_back();
    if (!read_nullable(reader, key) || !key || !read_nullable(reader, header.value)) return false;
    header.key = *key;
  }
  return true;
}

bool read_record(ByteReader& reader, const BatchHeader& header, int32_t index, Record& record,
                 size_t& bytes_left) {
  const int32_t size = reader.varint();
  if (size < 0) return false;
  ByteReader body(reader.take(static_cast<size_t>(size)));
  body.take(1);  // attributes: none are defined
  const int64_t timestamp_delta = body.varlong();
  const int32_t offset_delta = body.varint();
  // Gaps are legal (compaction leaves them), but offsets rise and stay within the batch.
  if (offset_delta < index || offset_delta > header.last_offset_delta) return false;
  record.offset = header.base_offset + offset_delta;
  record.timestamp_ms = header.timestamp_type() == TimestampType::kLogAppendTime
                            ? header.max_timestamp_ms
                            : static_cast<int64_t>(static_cast<uint64_t>(header.base_timestamp_ms) +
                                                   static_cast<uint64_t>(timestamp_delta));
  return read_nullable(body, record.key) && read_nullable(body, record.value) &&
         read_headers(body, record.headers, bytes_left) && body.remaining() == 0;
}

/// As it is read: in the arithmetic of 64 bits, without overflow.
int64_t delta_between(int64_t from_ms, int64_t to_ms) {
  return static_cast<int64_t>(static_cast<uint64_t>(to_ms) - static_cast<uint64_t>(from_ms));
}

void write_nullable(ByteWriter& to, const std::optional<std::string_view>& value) {
  if (!value) {
    to.varint(-1);
    return;
  }
  to.varint(static_cast<int64_t>(value->size()));
  to.append(base::as_bytes(*value));
}

template <typename AnyRecord>
void write_record(ByteWriter& to, const AnyRecord& record, int64_t timestamp_delta,
                  int64_t offset_delta) {
  ByteWriter body;
  body.big_endian(int8_t{0});
  body.varint(timestamp_delta);
  body.varint(offset_delta);
  write_nullable(body, record.key);
  write_nullable(body, record.value);
  body.varint(static_cast<int64_t>(record.headers.size()));
  for (const RecordHeader& header : record.headers) {
    write_nullable(body, header.key);
    write_nullable(body, header.value);
  }
  to.varint(static_cast<int64_t>(body.size()));
  to.append(body.view());
}

int16_t attributes_of(const BatchToWrite& batch) {
  auto attributes = static_cast<int16_t>(batch.codec);
  if (batch.is_transactional) attributes = static_cast<int16_t>(attributes | 0x10);
  if (batch.is_control) attributes = static_cast<int16_t>(attributes | 0x20);
  return attributes;
}

void write_header(ByteWriter& to, const BatchHeader& header, size_t body_bytes) {
  to.big_endian(header.base_offset);
  to.big_endian(static_cast<int32_t>(kBatchHeaderBytes - kBatchLengthPrefixBytes + body_bytes));
  to.big_endian(header.leader_epoch);
  to.big_endian(int8_t{2});
  to.big_endian(uint32_t{0});  // the CRC, when the rest is there
  to.big_endian(header.attributes);
  to.big_endian(header.last_offset_delta);
  to.big_endian(header.base_timestamp_ms);
  to.big_endian(header.max_timestamp_ms);
  to.big_endian(header.producer_id);
  to.big_endian(header.producer_epoch);
  to.big_endian(header.base_sequence);
  to.big_endian(header.record_count);
}

Bytes with_header(const BatchHeader& header, ByteView body) {
  ByteWriter out;
  write_header(out, header, body.size());
  out.append(body);
  base::store_big_endian(out.at(kCrcAt), base::crc32c(out.view().subspan(kBatchCrcStart)));
  return out.take();
}

}  // namespace

Result<BatchHeader> parse_batch_header(ByteView bytes) {
  if (bytes.size() < kBatchHeaderBytes) {
    return malformed(std::to_string(bytes.size()) + " bytes, a header has 61");
  }
  ByteReader reader(bytes);
  BatchHeader header;
  header.base_offset = reader.big_endian<int64_t>();
  header.batch_length = reader.big_endian<int32_t>();
  header.leader_epoch = reader.big_endian<int32_t>();
  header.magic = reader.big_endian<int8_t>();
  header.crc = reader.big_endian<uint32_t>();
  header.attributes = reader.big_endian<int16_t>();
  header.last_offset_delta = reader.big_endian<int32_t>();
  header.base_timestamp_ms = reader.big_endian<int64_t>();
  header.max_timestamp_ms = reader.big_endian<int64_t>();
  header.producer_id = reader.big_endian<int64_t>();
  header.producer_epoch = reader.big_endian<int16_t>();
  header.base_sequence = reader.big_endian<int32_t>();
  header.record_count = reader.big_endian<int32_t>();
  if (header.magic != 2) {
    return malformed("magic " + std::to_string(header.magic) + ", only 2 is supported");
  }
  if (header.batch_length < static_cast<int32_t>(kBatchHeaderBytes - kBatchLengthPrefixBytes)) {
    return malformed("length " + std::to_string(header.batch_length));
  }
  if (header.last_offset_delta < 0 || header.record_count < 0) {
    return malformed("a negative count of records or offsets");
  }
  return header;
}

bool batch_crc_matches(ByteView bytes, const BatchHeader& header) {
  if (bytes.size() < header.size()) return false;
  return base::crc32c(bytes.subspan(kBatchCrcStart, header.size() - kBatchCrcStart)) == header.crc;
}

void set_base_offset(std::span<std::byte> batch, int64_t base_offset) {
  TICKLAKE_ASSERT(batch.size() >= kBatchHeaderBytes);
  base::store_big_endian(batch.data(), base_offset);
}

void set_leader_epoch(std::span<std::byte> batch, int32_t leader_epoch) {
  TICKLAKE_ASSERT(batch.size() >= kBatchHeaderBytes);
  base::store_big_endian(batch.data() + kLeaderEpochAt, leader_epoch);
}

void set_log_append_time(std::span<std::byte> batch, int64_t timestamp_ms) {
  TICKLAKE_ASSERT(batch.size() >= kBatchHeaderBytes);
  std::byte* const attributes_at = batch.data() + kBatchCrcStart;
  const auto attributes = base::load_big_endian<int16_t>(attributes_at);
  base::store_big_endian(attributes_at, static_cast<int16_t>(attributes | kLogAppendTimeBit));
  base::store_big_endian(batch.data() + kMaxTimestampAt, timestamp_ms);
  base::store_big_endian(batch.data() + kCrcAt, base::crc32c(batch.subspan(kBatchCrcStart)));
}

Result<BatchRecords> BatchRecords::read(ByteView bytes, size_t memory_max) {
  BatchRecords batch;
  TICKLAKE_ASSIGN(batch.header_, parse_batch_header(bytes));
  const BatchHeader& header = batch.header_;
  if (bytes.size() < header.size()) return malformed("it is cut");
  ByteView body = bytes.first(header.size()).subspan(kBatchHeaderBytes);
  if (header.codec_bits() != 0) {
    if (header.codec_bits() > static_cast<int>(Codec::kZstd)) return malformed("unknown codec");
    const auto codec = static_cast<Codec>(header.codec_bits());
    TICKLAKE_ASSIGN(batch.body_, decompress(codec, body, memory_max));
    body = batch.body_;
  }
  const auto count = static_cast<size_t>(header.record_count);
  if (count > body.size() / kRecordBytesMin) return malformed("fewer records than it counts");
  size_t bytes_left = memory_max - std::min(memory_max, batch.body_.size());
  if (!take_from(bytes_left, count, sizeof(Record))) {
    return malformed(std::to_string(count) + " records take more than " +
                     std::to_string(memory_max) + " bytes of memory");
  }
  batch.records_.resize(count);
  ByteReader reader(body);
  for (int32_t i = 0; i < header.record_count; ++i) {
    Record& record = batch.records_[static_cast<size_t>(i)];
    if (!read_record(reader, header, i, record, bytes_left) || !reader.ok()) {
      return malformed("record " + std::to_string(i) + " does not parse");
    }
  }
  if (reader.remaining() != 0) return malformed("bytes after the last record");
  return batch;
}

Result<Bytes> write_batch(const BatchToWrite& batch) {
  TICKLAKE_ASSERT(!batch.records.empty());
  const int64_t base_timestamp_ms = batch.records.front().timestamp_ms;
  int64_t max_timestamp_ms = base_timestamp_ms;
  ByteWriter records;
  int64_t offset_delta = 0;
  for (const RecordToWrite& record : batch.records) {
    max_timestamp_ms = std::max(max_timestamp_ms, record.timestamp_ms);
    write_record(records, record, delta_between(base_timestamp_ms, record.timestamp_ms),
                 offset_delta++);
  }
  Bytes body = records.take();
  if (batch.codec != Codec::kNone) {
    TICKLAKE_ASSIGN(body, compress(batch.codec, body));
  }
  BatchHeader header;
  header.base_offset = batch.base_offset;
  header.leader_epoch = batch.leader_epoch;
  header.attributes = attributes_of(batch);
  header.last_offset_delta = static_cast<int32_t>(batch.records.size() - 1);
  header.base_timestamp_ms = base_timestamp_ms;
  header.max_timestamp_ms = max_timestamp_ms;
  header.producer_id = batch.producer_id;
  header.producer_epoch = batch.producer_epoch;
  header.base_sequence = batch.base_sequence;
  header.record_count = static_cast<int32_t>(batch.records.size());
  return with_header(header, body);
}

Result<Bytes> rewrite_batch(const BatchHeader& header, std::span<const Record> records, Codec codec,
                            std::optional<int64_t> delete_horizon_ms) {
  BatchHeader out = header;
  const bool is_append_time = header.timestamp_type() == TimestampType::kLogAppendTime;
  const Codec used = records.empty() ? Codec::kNone : codec;
  out.attributes = static_cast<int16_t>((header.attributes & ~kCodecBits) | static_cast<int>(used));
  out.record_count = static_cast<int32_t>(records.size());
  if (delete_horizon_ms) {
    out.attributes = static_cast<int16_t>(out.attributes | kDeleteHorizonBit);
    out.base_timestamp_ms = *delete_horizon_ms;
  }
  if (!is_append_time && !records.empty()) {
    out.max_timestamp_ms =
        std::ranges::max_element(records, {}, &Record::timestamp_ms)->timestamp_ms;
  }
  ByteWriter body;
  for (const Record& record : records) {
    write_record(body, record, delta_between(out.base_timestamp_ms, record.timestamp_ms),
                 record.offset - header.base_offset);
  }
  if (used == Codec::kNone) return with_header(out, body.view());
  TICKLAKE_ASSIGN(const Bytes compressed, compress(used, body.view()));
  return with_header(out, compressed);
}

}  // namespace ticklake::kafka
