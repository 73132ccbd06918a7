#include "market/table_spec.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/trim.h"

namespace ticklake::market {
namespace {

using Kind = ColumnType::Kind;

constexpr size_t kNameBytesMax = 255;
constexpr size_t kColumnsMax = 1'000;

tl::unexpected<base::Error> bad_columns(std::string cause) {
  return base::fail(base::ErrorCode::kInvalidArgument, "the columns cannot be read",
                    std::move(cause), "for example 'symbol VARCHAR, price DECIMAL(18,4)'");
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

void skip_space(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\t'))
    text.remove_prefix(1);
}

/// Takes a name off the front; none if there is none.
std::optional<std::string> take_name(std::string_view& text) {
  std::string name;
  if (!text.starts_with('"')) {
    while (!text.empty() && is_name_char(text.front())) {
      name += text.front();
      text.remove_prefix(1);
    }
    return name.empty() ? std::nullopt : std::optional(name);
  }
  text.remove_prefix(1);
  for (;;) {
    const size_t quote = text.find('"');
    if (quote == std::string_view::npos) return std::nullopt;
    name += text.substr(0, quote);
    text.remove_prefix(quote + 1);
    if (!text.starts_with('"')) return name;
    name += '"';
    text.remove_prefix(1);
  }
}

/// Takes what stands before the next comma outside of brackets, and that comma; whether there was
/// one goes to `more`.
std::string_view take_type(std::string_view& text, bool& more) {
  int depth = 0;
  size_t end = 0;
  for (; end < text.size() && (text[end] != ',' || depth > 0); ++end) {
    if (text[end] == '(') ++depth;
    if (text[end] == ')') --depth;
  }
  const std::string_view type = text.substr(0, end);
  more = end < text.size();
  text.remove_prefix(std::min(end + 1, text.size()));
  return base::trimmed(type, " \t\n");
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

tl::unexpected<base::Error> no_such_column(std::string_view what, std::string_view name) {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("\"{}\" cannot be the {}", name, what),
                    "it is none of the declared columns", "name one of them");
}

}  // namespace

base::Result<std::vector<DeclaredColumn>> parse_columns(std::string_view text) {
  std::vector<DeclaredColumn> columns;
  bool more = true;
  while (more) {
    skip_space(text);
    const std::string rest(text.substr(0, 40));
    auto name = take_name(text);
    if (!name) return bad_columns(fmt::format("no column's name begins at '{}'", rest));
    if (name->empty() || name->size() > kNameBytesMax || name->find('\0') != std::string::npos) {
      return bad_columns(fmt::format("a name has 1 to {} bytes, none of them 0", kNameBytesMax));
    }
    const std::string_view written = take_type(text, more);
    const auto type = parse_type_name(written);
    if (!type || *type == Kind::kOpen) {
      return bad_columns(fmt::format(
          "the type of {} is '{}'; it can be BOOLEAN, BIGINT, DOUBLE, DECIMAL(width,scale), DATE, "
          "TIMESTAMP, TIMESTAMP_NS, VARCHAR",
          *name, written.substr(0, 40)));
    }
    if (columns.size() == kColumnsMax) return bad_columns("there are more than 1000");
    columns.push_back({std::move(*name), *type});
  }
  return columns;
}

base::Result<void> check(const TableSpec& spec) {
  const auto find = [&](std::string_view name) {
    const auto found = std::ranges::find(spec.columns, name, &DeclaredColumn::name);
    return found == spec.columns.end() ? nullptr : &*found;
  };
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!same_name(spec.columns[i].name, spec.columns[j].name)) continue;
      return bad_columns(fmt::format("{} is there twice, or as {}: SQL takes the two for the same",
                                     spec.columns[j].name, spec.columns[i].name));
    }
  }
  if (!spec.symbol.empty() && find(spec.symbol) == nullptr) {
    return no_such_column("symbol", spec.symbol);
  }
  if (spec.event_time.empty()) return {};
  const DeclaredColumn* const time = find(spec.event_time);
  if (time == nullptr) return no_such_column("event time", spec.event_time);
  if (time->type == Kind::kTimestamp || time->type == Kind::kTimestampNs ||
      time->type == Kind::kDate) {
    return {};
  }
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{} cannot be the event time", spec.event_time),
                    "it is a " + type_name(time->type),
                    "declare it as TIMESTAMP, TIMESTAMP_NS or DATE");
}

}  // namespace ticklake::market
