#include "sink/decoded_records.h"

#include <optional>
#include <string_view>

namespace ticklake::sink {

using table::SourceRecord;

SourceRecord source_of(const kafka::ConsumedRecord& record) {
  SourceRecord source{record.partition, record.offset,
                      table::append_time_us_of(record.timestamp_ms), record.value};
  source.is_passed_over = !record.has_value;
  return source;
}

base::Result<void> add_decoded(message::Decoder& decoder, const SourceRecord& record,
                               std::vector<SourceRecord>& rows) {
  if (record.is_passed_over || message::is_plain_object(record.value)) {
    rows.push_back(record);
    return {};
  }
  TICKLAKE_ASSIGN(const message::DecodedValue decoded, decoder.decode(record.value));
  SourceRecord row = record;
  for (const std::string_view value : decoded.rows) {
    row.value = value;
    rows.push_back(row);
  }
  if (!decoded.rows.empty()) return {};
  row.value = {};
  row.refusal = decoded.refusal;
  row.is_passed_over = decoded.refusal.empty();
  rows.push_back(row);
  return {};
}

}  // namespace ticklake::sink
