#include "feed/json_rows.h"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "feed/time_format.h"

namespace ticklake::feed {

base::Result<bool> LineReader::next(Line& line) {
  window_.take(taken_);
  taken_ = 0;
  line.too_long = false;
  line.number = ++number_;
  size_t searched = 0;
  while (true) {
    const std::string_view text = window_.view();
    const size_t end = text.find('\n', searched);
    if (end != std::string_view::npos || window_.at_end()) {
      if (end == std::string_view::npos && text.empty()) return line.too_long;
      const size_t size = std::min(end, text.size());
      taken_ = end == std::string_view::npos ? size : end + 1;
      line.text = text.substr(0, size);
      if (line.text.ends_with('\r')) line.text.remove_suffix(1);
      line.too_long |= size > bytes_max_;
      return true;
    }
    searched = text.size();
    if (searched > bytes_max_) {
      line.too_long = true;  // drop it piece by piece, so that memory stays bounded
      window_.take(searched);
      searched = 0;
    }
    TICKLAKE_TRY(window_.refill());
  }
}

namespace {

/// The line with each whole number that is longer than 64 bits can hold given an exponent: simdjson
/// refuses those as integers, though RFC 8259 does not, and reads them as doubles.
std::string with_long_integers_as_reals(std::string_view line) {
  constexpr size_t kDigitsSurelyInteger = 18;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string changed;
  size_t digits = 0;
  bool is_in_string = false, is_whole = true;
  for (size_t i = 0; i <= line.size(); ++i) {
    const char c = i < line.size() ? line[i] : ' ';
    if (is_in_string) {
      if (c == '"') is_in_string = false;
      if (c == '\\' && i + 1 < line.size()) changed += line[i++];
    } else if (is_digit(c)) {
      ++digits;
    } else if (c == '.' || c == 'e' || c == 'E' || c == '+') {
      is_whole = false;
    } else if (c != '-' || digits > 0) {
      if (is_whole && digits > kDigitsSurelyInteger) changed += "e0";
      digits = 0;
      is_whole = true;
      is_in_string = c == '"';
    }
    if (i < line.size()) changed += line[i];
  }
  return changed;
}

}  // namespace

struct JsonLineParser::State {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
};

JsonLineParser::JsonLineParser() : state_(std::make_unique<State>()) {}
JsonLineParser::~JsonLineParser() = default;

const char* JsonLineParser::parse(std::string_view line) {
  if (state_->parser.max_depth() != kJsonDepthMax || state_->parser.capacity() < line.size()) {
    const size_t capacity = std::max(line.size() * 2, size_t{4096});
    if (state_->parser.allocate(capacity, kJsonDepthMax) != simdjson::SUCCESS)
      return "too large to be parsed";
  }
  auto parsed = state_->parser.parse(line.data(), line.size());
  if (parsed.error() == simdjson::NUMBER_ERROR) {
    parsed = state_->parser.parse(with_long_integers_as_reals(line));
  }
  if (parsed.error() != simdjson::SUCCESS) return simdjson::error_message(parsed.error());
  if (parsed.get_object().get(state_->object) != simdjson::SUCCESS) return "not a JSON object";
  return nullptr;
}

std::vector<std::string> JsonLineParser::names() const {
  std::vector<std::string> names;
  for (const auto field : state_->object)
    names.emplace_back(field.key);
  return names;
}

std::optional<std::string> JsonLineParser::scalar(std::string_view name) const {
  simdjson::dom::element value;
  if (state_->object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  switch (value.type()) {
    case simdjson::dom::element_type::STRING: return std::string(value.get_string().value_unsafe());
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
    case simdjson::dom::element_type::BOOL: return simdjson::minify(value);
    default: return std::nullopt;
  }
}

namespace {

class JsonRows final : public RowSource {
 public:
  JsonRows(RowOptions options, std::function<base::Result<NextJson>()> begin)
      : options_(std::move(options)), begin_(std::move(begin)) {}

  base::Result<void> open();
  base::Result<bool> next(Row& row) override;
  base::Result<void> rewind() override {
    counts_ = {};
    TICKLAKE_ASSIGN(next_json_, begin_());
    return {};
  }
  const RowCounts& counts() const override { return counts_; }
  std::string_view time_column() const override { return time_column_; }

 private:
  /// The next line with an object on it, parsed.
  base::Result<bool> next_object();
  base::Result<void> choose_time_format();

  RowOptions options_;
  std::function<base::Result<NextJson>()> begin_;
  NextJson next_json_;
  JsonLine line_;
  JsonLineParser parser_;
  std::optional<std::string> key_;
  std::string time_column_;
  TimeFormat time_format_;
  RowCounts counts_;
};

base::Result<bool> JsonRows::next_object() {
  while (true) {
    TICKLAKE_ASSIGN(const bool found, next_json_(line_));
    if (!found) return false;
    if (line_.number == 1 && line_.text.starts_with("\xEF\xBB\xBF")) line_.text.remove_prefix(3);
    const size_t first = line_.text.find_first_not_of(" \t");
    if (line_.too_long) {
      counts_.bad.add(line_.number, "too large for a record", line_.text);
    } else if (line_.problem != nullptr) {
      counts_.bad.add(line_.number, line_.problem, line_.text);
    } else if (first == std::string_view::npos) {
      ++counts_.blank_rows;
    } else if (const char* problem = parser_.parse(line_.text)) {
      counts_.bad.add(line_.number, problem, line_.text);
    } else {
      line_.text.remove_prefix(first);
      line_.text = line_.text.substr(0, line_.text.find_last_of('}') + 1);
      return true;
    }
  }
}

base::Result<void> JsonRows::open() {
  TICKLAKE_TRY(rewind());
  TICKLAKE_ASSIGN(const bool found, next_object());
  if (!found) return rewind();
  const std::vector<std::string> names = parser_.names();
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (options_.key_column && !has(*options_.key_column))
    return base::fail(no_such_column(options_.name(), "--key", *options_.key_column, names));
  if (options_.time_column && !has(*options_.time_column))
    return base::fail(
        no_such_column(options_.name(), "--time-column", *options_.time_column, names));
  if (options_.time_column) {
    time_column_ = *options_.time_column;
  } else if (const auto column = find_time_column(names)) {
    time_column_ = names[*column];
  }
  TICKLAKE_TRY(rewind());
  TICKLAKE_TRY(choose_time_format());
  return rewind();
}

base::Result<void> JsonRows::choose_time_format() {
  if (options_.time_format) {
    TICKLAKE_ASSIGN(time_format_, TimeFormat::parse(*options_.time_format));
    return {};
  }
  if (time_column_.empty()) return {};
  TimeFormatDetector detector(time_column_);
  while (detector.wants_more()) {
    TICKLAKE_ASSIGN(const bool found, next_object());
    if (!found) break;
    if (const auto text = parser_.scalar(time_column_)) detector.show(*text, line_.number);
  }
  TICKLAKE_ASSIGN(time_format_, detector.decide());
  return {};
}

base::Result<bool> JsonRows::next(Row& row) {
  while (true) {
    TICKLAKE_ASSIGN(const bool found, next_object());
    if (!found) return false;
    row = {.json = line_.text, .key = {}, .time = {}, .line = line_.number};
    if (!time_column_.empty()) {
      if (const auto text = parser_.scalar(time_column_)) {
        row.time = time_format_.read(*text);
        if (!row.time) {
          counts_.bad.add(line_.number,
                          fmt::format("'{}' in '{}' is not a time as {}", *text, time_column_,
                                      time_format_.text()),
                          line_.text);
          continue;
        }
      }
    }
    if (options_.key_column) {
      key_ = parser_.scalar(*options_.key_column);
      if (key_) row.key = *key_;
    }
    ++counts_.rows;
    return true;
  }
}

}  // namespace

base::Result<std::unique_ptr<RowSource>> open_json_rows(const RowOptions& options,
                                                        std::shared_ptr<base::File> file) {
  return open_json_lines(options, [file = std::move(file)] { return read_file(file); });
}

base::Result<std::unique_ptr<RowSource>> open_json_lines(const RowOptions& options,
                                                         std::function<ReadText()> begin) {
  return open_json_objects(options, [begin = std::move(begin)]() -> base::Result<NextJson> {
    auto reader = std::make_shared<LineReader>(begin(), kRowJsonBytesMax);
    return NextJson([reader](JsonLine& line) { return reader->next(line); });
  });
}

base::Result<std::unique_ptr<RowSource>> open_json_objects(
    const RowOptions& options, std::function<base::Result<NextJson>()> begin) {
  auto rows = std::make_unique<JsonRows>(options, std::move(begin));
  TICKLAKE_TRY(rows->open());
  return std::unique_ptr<RowSource>(std::move(rows));
}

}  // namespace ticklake::feed
