#include "base/assert.h"
#include "feed/json_rows.h"

using namespace ticklake;

/// Whatever the bytes, every line is taken once and judged without harm.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kLineBytesMax = 4096;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  feed::LineReader reader(feed::read_memory(text), kLineBytesMax);
  feed::LineReader::Line line;
  feed::JsonLineParser parser;
  uint64_t lines = 0;
  while (reader.next(line).value()) {
    TICKLAKE_ASSERT(line.number == ++lines);
    if (parser.parse(line.text) != nullptr) continue;
    for (const std::string& name : parser.names())
      static_cast<void>(parser.scalar(name));
  }
  return 0;
}
