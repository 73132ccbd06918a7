#include <algorithm>

#include "base/assert.h"
#include "feed/json_document.h"

using namespace ticklake;

// A path, a line end, a document: read by the path, if it is one, and by what is found.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(input.find('\n'), input.size());
  const std::string_view text = input.substr(std::min(end + 1, input.size()));
  const auto path = feed::DocumentPath::parse(input.substr(0, end));
  if (path) TICKLAKE_ASSERT(feed::DocumentPath::parse(path->text()).value() == *path);
  feed::are_json_lines(text);
  for (const bool with_path : {false, true}) {
    feed::RowOptions options;
    options.file = "input";
    if (with_path) options.json_path = std::string(input.substr(0, end));
    options.csv.columns = {"a", "b"};
    const auto rows = feed::open_json_document(options, [text] { return feed::read_memory(text); });
    if (!rows) continue;
    feed::Row row;
    for (auto found = (*rows)->next(row); found && *found; found = (*rows)->next(row)) {
      TICKLAKE_ASSERT(row.json.size() <= feed::kRowJsonBytesMax);
      TICKLAKE_ASSERT(row.json.starts_with('{') && row.json.ends_with('}'));
    }
  }
  return 0;
}
