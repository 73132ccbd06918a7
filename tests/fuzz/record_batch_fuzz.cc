#include "base/assert.h"
#include "kafka/record_batch.h"

using namespace ticklake;

namespace {

constexpr size_t kBytesMax = 1 << 20;

std::vector<kafka::RecordToWrite> to_write(const kafka::BatchRecords& batch) {
  std::vector<kafka::RecordToWrite> records;
  for (const kafka::Record& record : batch.records()) {
    records.push_back({record.timestamp_ms, record.key, record.value, record.headers});
  }
  return records;
}

bool is_same(const kafka::Record& a, const kafka::Record& b) {
  return a.timestamp_ms == b.timestamp_ms && a.key == b.key && a.value == b.value &&
         a.headers.size() == b.headers.size();
}

}  // namespace

// Records that could be read are the same after they were written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const base::ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = kafka::parse_batch_header(bytes);
  if (header) kafka::batch_crc_matches(bytes, *header);
  const auto batch = kafka::BatchRecords::read(bytes, kBytesMax);
  if (!batch || batch->records().empty()) return 0;

  base::Bytes changed(bytes.begin(), bytes.end());
  const auto whole = std::span(changed).first(batch->header().size());
  kafka::set_base_offset(whole, 5);
  kafka::set_log_append_time(whole, 6);
  const auto changed_header = kafka::parse_batch_header(whole);
  TICKLAKE_ASSERT(changed_header && kafka::batch_crc_matches(whole, *changed_header));

  const auto records = to_write(*batch);
  const auto codec = static_cast<kafka::Codec>(batch->header().codec_bits());
  const auto written = kafka::write_batch({.codec = codec, .records = records});
  TICKLAKE_ASSERT(written);
  const auto again = kafka::BatchRecords::read(*written, 2 * kBytesMax);
  TICKLAKE_ASSERT(again && again->records().size() == records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    TICKLAKE_ASSERT(is_same(again->records()[i], batch->records()[i]));
  }
  return 0;
}
