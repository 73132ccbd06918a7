#include "base/assert.h"
#include "feed/poll_http.h"
#include "feed/poll_rows.h"

using namespace ticklake;

// Three lines of flags (--json-path, a --map, a column that tells rows apart), then an answer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto line = [&rest] {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string text(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return text;
  };
  constexpr size_t kRowsMax = 64;
  feed::PollRowOptions options{.json_path = line(), .rows_max = kRowsMax};
  if (std::string path = line(); !path.empty()) options.columns = {{"c", std::move(path)}};
  if (std::string name = line(); !name.empty()) options.dedupe_by = {std::move(name)};
  options.time_column = options.columns.empty() ? "t" : "c";
  static_cast<void>(feed::next_link(rest));
  static_cast<void>(feed::retry_after({429, {{"retry-after", std::string(rest)}}, ""}, {}));
  static_cast<void>(feed::parse_poll_secrets(rest, "f"));
  static_cast<void>(feed::position_from_json(rest));
  const auto reader = feed::PollRowReader::make(options);
  if (!reader) return 0;
  const auto polled = reader->read(rest);
  if (!polled) return 0;
  TICKLAKE_ASSERT(polled->rows.size() <= kRowsMax);
  for (const feed::PolledRow& row : polled->rows) {
    // What is sent is one JSON object on one line.
    TICKLAKE_ASSERT(feed::is_json(row.json) && row.json.starts_with('{'));
    TICKLAKE_ASSERT(row.json.find('\n') == std::string::npos);
  }
  return 0;
}
