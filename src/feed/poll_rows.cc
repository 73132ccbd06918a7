#include "feed/poll_rows.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "feed/json_text.h"
#include "feed/rows.h"
#include "feed/time_format.h"

namespace ticklake::feed {
namespace {

constexpr size_t kPathsShownMax = 8;
constexpr size_t kTextShownBytes = 160;

/// The start of an answer, for an error.
std::string start_of(std::string_view answer) {
  std::string line;
  append_on_one_line(line, answer.substr(0, kTextShownBytes));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return answer.size() > kTextShownBytes ? line + "…" : line;
}

tl::unexpected<base::Error> bad_shape(std::string what, std::string_view answer,
                                      std::string advice) {
  return base::fail(base::ErrorCode::kInvalidData, std::move(what), "it is " + start_of(answer),
                    std::move(advice));
}

/// Where a time stands among others: numbers before texts, what is no time before both.
using TimeOrder = std::tuple<int, long double>;

TimeOrder time_order(std::string_view value, const TimeFormat& iso) {
  const std::string text = json_text(value);
  long double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end) return {1, number};
  if (const auto time = iso.read(text))
    return {2, static_cast<long double>(time->time_since_epoch().count())};
  return {0, 0};
}

/// The value of a member of a row that is an object on one line.
std::optional<std::string_view> member(std::string_view row, const std::string& name) {
  std::optional<std::string_view> found;
  for_each_child(row, [&](const JsonMatch& child) {
    if (child.name.size() >= name.size() && json_text(child.name) == name) found = child.value;
  });
  return found;
}

base::Error no_such_poll_column(const std::string& flag, const std::string& column) {
  return {.code = base::ErrorCode::kInvalidArgument,
          .what = fmt::format("{} names the column '{}', which no --map makes", flag, column),
          .cause = "",
          .advice = fmt::format("add --map {}=PATH", column),
          .retriable = false};
}

}  // namespace

base::Result<JsonPath> parse_answer_path(std::string_view text) {
  if (!text.starts_with('$')) {
    return base::fail(base::ErrorCode::kInvalidArgument, fmt::format("'{}' is no path", text),
                      "a path into the answer begins with $", "write it as in $.data[*]");
  }
  return JsonPath::parse(text.substr(1));
}

base::Result<PollRowReader::Column> PollRowReader::column_of(const std::string& name,
                                                             const std::string& path) {
  Column column{.name = name, .kind = Column::Kind::kRow, .path = {}, .text = {}};
  if (path == "~") {
    column.kind = Column::Kind::kName;
  } else if (path.starts_with('"') && is_json(path)) {
    column.kind = Column::Kind::kText;
    column.text = path;
  } else if (path.starts_with('$')) {
    column.kind = Column::Kind::kAnswer;
    TICKLAKE_ASSIGN(column.path, parse_answer_path(path));
  } else {
    const bool is_bare = !path.starts_with('@') && !path.starts_with('[');
    const std::string_view steps = std::string_view(path).substr(path.starts_with('@') ? 1 : 0);
    TICKLAKE_ASSIGN(column.path, JsonPath::parse(is_bare ? "." + path : std::string(steps)));
  }
  if (!column.path.has_wildcard()) return column;
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("--map {}={} matches many values", name, path),
                    "a column has one in each row", "use * in --json-path, which finds the rows");
}

base::Result<PollRowReader> PollRowReader::make(PollRowOptions options) {
  PollRowReader reader;
  if (!options.json_path.empty()) {
    TICKLAKE_ASSIGN(reader.path_, parse_answer_path(options.json_path));
  }
  for (const auto& [name, path] : options.columns) {
    TICKLAKE_ASSIGN(Column column, column_of(name, path));
    reader.columns_.push_back(std::move(column));
  }
  const auto is_made = [&](const std::string& name) {
    return options.columns.empty() || name.empty() ||
           std::ranges::any_of(options.columns, [&](const auto& c) { return c.first == name; });
  };
  for (const std::string& name : options.dedupe_by) {
    if (!is_made(name)) return base::fail(no_such_poll_column("--dedupe-by", name));
  }
  if (!is_made(options.key_column))
    return base::fail(no_such_poll_column("--key-column", options.key_column));
  if (!is_made(options.time_column))
    return base::fail(no_such_poll_column("--time-column", options.time_column));
  reader.options_ = std::move(options);
  return reader;
}

base::Result<std::vector<JsonMatch>> PollRowReader::find_rows(std::string_view answer) const {
  JsonPath path;
  if (path_) {
    path = *path_;
  } else {
    const std::vector<std::string> arrays = array_paths(answer, kPathsShownMax);
    if (arrays.empty()) {
      return bad_shape("the answer has no array of rows", answer,
                       "say with --json-path where the rows are, as in $.data");
    }
    if (arrays.size() > 1) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("the answer has {} arrays", arrays.size()),
                        fmt::format("{}", fmt::join(arrays, ", ")),
                        "say with --json-path which of them has the rows");
    }
    path = parse_answer_path(arrays[0]).value();
  }
  const size_t most = options_.rows_max + 1;
  std::vector<JsonMatch> rows = path.find(answer, most);
  if (rows.size() == 1 && rows[0].value.starts_with('[') && !path.has_wildcard())
    rows = JsonPath::parse("[*]").value().find(rows[0].value, most);
  else if (rows.empty() && !path.has_wildcard())
    return bad_shape(fmt::format("the answer has nothing at {}", options_.json_path), answer,
                     "look at --json-path");
  if (rows.size() <= options_.rows_max) return rows;
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("the answer has more than {} rows", options_.rows_max),
                    "as many as half of the rows that are remembered may stand in one answer",
                    "ask for fewer, or give --remember more");
}

base::Result<std::string> PollRowReader::json_of(const JsonMatch& row,
                                                 const std::vector<std::string>& shared,
                                                 std::vector<bool>& found) const {
  std::string json;
  if (columns_.empty()) {
    if (!row.value.starts_with('{')) {
      return bad_shape("a row of the answer is no object", row.value,
                       "name its values with --map, as in --map 'price=[0]'");
    }
    append_on_one_line(json, row.value);
    return json;
  }
  json += '{';
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) json += ',';
    if (!append_json_string(json, columns_[i].name)) {
      return base::fail(base::ErrorCode::kInvalidArgument, "the name of a column is no UTF-8");
    }
    json += ':';
    std::optional<std::string_view> value = shared[i];
    if (columns_[i].kind == Column::Kind::kName) value = row.name;
    if (columns_[i].kind == Column::Kind::kRow) value = columns_[i].path.find_first(row.value);
    if (!value || value->empty()) value = "null";
    if (*value != "null") found[i] = true;
    append_on_one_line(json, *value);
  }
  json += '}';
  return json;
}

base::Result<PolledRow> PollRowReader::row_of(std::string json) const {
  if (json.size() > kRowJsonBytesMax) {
    return bad_shape(fmt::format("a row of the answer has {} bytes, a record at most {}",
                                 json.size(), kRowJsonBytesMax),
                     json, "leave what is large out of it with --map");
  }
  PolledRow row;
  std::string identity;
  for (const std::string& name : options_.dedupe_by) {
    const auto value = member(json, name);
    if (!value) {
      return bad_shape(fmt::format("a row has no '{}', by which rows are told apart", name), json,
                       "look at --dedupe-by");
    }
    identity += fmt::format("{}:{}", value->size(), *value);
  }
  row.id = RowId::of(options_.dedupe_by.empty() ? json : identity);
  if (!options_.key_column.empty()) {
    const auto value = member(json, options_.key_column);
    if (value && *value != "null") row.key = json_text(*value);
  }
  row.json = std::move(json);
  return row;
}

base::Result<PolledRows> PollRowReader::read(std::string_view answer) const {
  if (answer.starts_with("\xEF\xBB\xBF")) answer.remove_prefix(3);
  if (!is_json(answer)) {
    return base::fail({.code = base::ErrorCode::kInvalidData,
                       .what = "the answer is no JSON",
                       .cause = "it is " + start_of(answer),
                       .advice = "",
                       .retriable = true});
  }
  TICKLAKE_ASSIGN(const std::vector<JsonMatch> matches, find_rows(answer));
  std::vector<std::string> shared(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].kind == Column::Kind::kText) shared[i] = columns_[i].text;
    if (columns_[i].kind == Column::Kind::kAnswer)
      shared[i] = columns_[i].path.find_first(answer).value_or("");
  }
  PolledRows polled;
  std::vector<bool> found(columns_.size());
  for (const JsonMatch& match : matches) {
    TICKLAKE_ASSIGN(std::string json, json_of(match, shared, found));
    TICKLAKE_ASSIGN(PolledRow row, row_of(std::move(json)));
    polled.rows.push_back(std::move(row));
  }
  for (size_t i = 0; i < columns_.size() && !matches.empty(); ++i) {
    if (!found[i]) polled.missing.push_back(columns_[i].name);
  }
  if (!columns_.empty() && polled.missing.size() == columns_.size()) {
    return bad_shape("no --map finds anything in the answer's rows", matches[0].value,
                     "write a value of the row as p or @.p, one of the whole answer as $.p");
  }
  if (options_.is_newest_first) std::ranges::reverse(polled.rows);
  if (options_.time_column.empty()) return polled;
  const TimeFormat iso = TimeFormat::parse("iso").value();
  std::vector<std::pair<TimeOrder, size_t>> order;
  for (size_t i = 0; i < polled.rows.size(); ++i) {
    const auto value = member(polled.rows[i].json, options_.time_column);
    order.emplace_back(time_order(value.value_or(""), iso), i);
  }
  std::ranges::sort(order);
  std::vector<PolledRow> sorted;
  for (const auto& [time, at] : order)
    sorted.push_back(std::move(polled.rows[at]));
  polled.rows = std::move(sorted);
  return polled;
}

}  // namespace ticklake::feed
