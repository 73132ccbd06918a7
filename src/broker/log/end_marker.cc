#include "broker/log/end_marker.h"

#include "kafka/record_batch.h"

namespace ticklake::broker {
namespace {

constexpr int16_t kSchemaVersion = 0;
constexpr int16_t kAbort = 0;
constexpr int16_t kCommit = 1;
constexpr size_t kRecordBytesMax = 1024;

}  // namespace

base::Result<base::Bytes> write_end_marker(int64_t producer_id, int16_t producer_epoch,
                                           const EndMarker& marker, int64_t now_ms) {
  base::ByteWriter key;
  key.big_endian(kSchemaVersion);
  key.big_endian(marker.is_commit ? kCommit : kAbort);
  base::ByteWriter value;
  value.big_endian(kSchemaVersion);
  value.big_endian(marker.coordinator_epoch);
  const kafka::RecordToWrite record{
      now_ms, base::as_text(key.view()), base::as_text(value.view()), {}};
  kafka::BatchToWrite batch;
  batch.producer_id = producer_id;
  batch.producer_epoch = producer_epoch;
  batch.is_transactional = true;
  batch.is_control = true;
  batch.records = {&record, 1};
  return kafka::write_batch(batch);
}

std::optional<EndMarker> parse_end_marker(base::ByteView batch) {
  const auto read = kafka::BatchRecords::read(batch, kRecordBytesMax);
  if (!read || read->records().empty()) return std::nullopt;
  const kafka::Record& record = read->records().front();
  base::ByteReader key(base::as_bytes(record.key.value_or("")));
  key.big_endian<int16_t>();  // newer versions only add fields
  const auto type = key.big_endian<int16_t>();
  base::ByteReader value(base::as_bytes(record.value.value_or("")));
  value.big_endian<int16_t>();
  const auto coordinator_epoch = value.big_endian<int32_t>();
  if (!key.ok() || !value.ok() || (type != kAbort && type != kCommit)) return std::nullopt;
  return EndMarker{type == kCommit, coordinator_epoch};
}

}  // namespace ticklake::broker
