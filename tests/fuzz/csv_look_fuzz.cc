#include "base/assert.h"
#include "feed/csv_columns.h"
#include "feed/csv_layout.h"
#include "feed/json_rows.h"

using namespace ticklake;

/// Whatever the start of a file is, looking at it ends, and each value that fits the column it was
/// decided for becomes JSON that parses.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view head(reinterpret_cast<const char*>(data), size);
  const auto layout = feed::find_csv_layout("fuzzed", head, {});
  if (!layout) return 0;
  const auto records = feed::sample_records(head, *layout, 100);
  const auto columns = feed::find_csv_columns("fuzzed", *layout, records, {}, {});
  if (!columns) return 0;
  TICKLAKE_ASSERT(columns->kinds.size() == layout->names.size());
  feed::JsonLineParser parser;
  for (const auto& record : records) {
    for (size_t i = 0; i < record.size(); ++i) {
      std::string json = "{\"value\":";
      if (!feed::append_typed(json, record[i], columns->kinds[i], columns->marks)) continue;
      json += '}';
      TICKLAKE_ASSERT(parser.parse(json) == nullptr);
    }
  }
  return 0;
}
