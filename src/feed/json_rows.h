#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feed/rows.h"
#include "feed/text_source.h"

namespace ticklake::feed {

/// JSON lines: one object on each line, handed out as it stands. A line that is not an object, by
/// RFC 8259 and at most kJsonDepthMax levels deep, is counted as bad. Times are read from the
/// column named, or the first object's that has such a name.
base::Result<std::unique_ptr<RowSource>> open_json_rows(const RowOptions& options,
                                                        std::shared_ptr<base::File> file);

/// As open_json_rows(), of what `begin` reads anew for each pass.
base::Result<std::unique_ptr<RowSource>> open_json_lines(const RowOptions& options,
                                                         std::function<ReadText()> begin);

inline constexpr size_t kJsonDepthMax = 128;

struct JsonLine {
  std::string_view text;  ///< valid until the next call
  uint64_t number = 0;
  bool too_long = false;
  const char* problem = nullptr;  ///< why it cannot be a row
};
/// Gives one object after the other, as text; false at the end.
using NextJson = std::function<base::Result<bool>(JsonLine&)>;
/// Rows of what `begin` gives, which is called anew for each pass; else as open_json_rows().
base::Result<std::unique_ptr<RowSource>> open_json_objects(
    const RowOptions& options, std::function<base::Result<NextJson>()> begin);

/// Lines of a text without their ends; a line past `bytes_max` is cut there, and says so.
class LineReader {
 public:
  LineReader(ReadText read, size_t bytes_max) : window_(std::move(read)), bytes_max_(bytes_max) {}
  using Line = JsonLine;
  base::Result<bool> next(Line& line);

 private:
  TextWindow window_;
  size_t bytes_max_;
  size_t taken_ = 0;
  uint64_t number_ = 0;
};

/// What one line of JSON says, for rows and for the fuzzer.
class JsonLineParser {
 public:
  JsonLineParser();
  JsonLineParser(const JsonLineParser&) = delete;
  JsonLineParser& operator=(const JsonLineParser&) = delete;
  ~JsonLineParser();

  /// Null if `line` is one JSON object; else why not.
  const char* parse(std::string_view line);
  /// The names of the object parsed last, in order.
  std::vector<std::string> names() const;
  /// A value of the object parsed last as text; none if it is absent, null, or no scalar. A whole
  /// number beyond 64 bits is told as a double.
  std::optional<std::string> scalar(std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ticklake::feed
