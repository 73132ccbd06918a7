#include "base/assert.h"
#include "feed/csv.h"
#include "feed/json_rows.h"
#include "feed/json_text.h"

using namespace ticklake;

/// Whatever the bytes, the reader ends, and each value it yields becomes JSON that parses.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  feed::CsvReader reader(feed::read_memory(text), feed::detect_delimiter(text));
  feed::CsvRecord record;
  feed::JsonLineParser parser;
  size_t records = 0;
  while (reader.next(record).value()) {
    TICKLAKE_ASSERT(++records <= size + 1);
    if (record.problem != nullptr) continue;
    for (const feed::CsvField& field : record.fields) {
      std::string json = "{\"value\":";
      if (!feed::append_json_value(json, field.text)) continue;
      json += '}';
      TICKLAKE_ASSERT(parser.parse(json) == nullptr);
    }
  }
  return 0;
}
