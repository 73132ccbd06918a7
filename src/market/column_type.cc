#include "market/column_type.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace ticklake::market {
namespace {

using Kind = ColumnType::Kind;

/// The first name of a kind is its own.
constexpr std::array<std::pair<std::string_view, Kind>, 17> kNames{{
    {"OPEN", Kind::kOpen},
    {"BOOLEAN", Kind::kBoolean},
    {"BIGINT", Kind::kBigint},
    {"DOUBLE", Kind::kDouble},
    {"DATE", Kind::kDate},
    {"TIMESTAMP", Kind::kTimestamp},
    {"TIMESTAMP_NS", Kind::kTimestampNs},
    {"VARCHAR", Kind::kVarchar},
    {"BOOL", Kind::kBoolean},
    {"INTEGER", Kind::kBigint},
    {"INT", Kind::kBigint},
    {"LONG", Kind::kBigint},
    {"FLOAT", Kind::kDouble},
    {"REAL", Kind::kDouble},
    {"TEXT", Kind::kVarchar},
    {"STRING", Kind::kVarchar},
    {"DATETIME", Kind::kTimestamp},
}};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// "18, 4)": the numbers, if they are those of a decimal.
std::optional<ColumnType> parse_decimal(std::string_view text) {
  int width = 0;
  int scale = 0;
  const auto take = [&text](int& value) {
    const size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return false;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + begin, end, value);
    if (error != std::errc()) return false;
    text = std::string_view(stop, static_cast<size_t>(end - stop));
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return true;
  };
  if (!take(width)) return std::nullopt;
  if (text.starts_with(',')) {
    text.remove_prefix(1);
    if (!take(scale)) return std::nullopt;
  }
  const bool fits = width >= 1 && width <= kDecimalWidthMax && scale >= 0 && scale <= width;
  if (text != ")" || !fits) return std::nullopt;
  return ColumnType::decimal(static_cast<uint8_t>(width), static_cast<uint8_t>(scale));
}

bool is_number(ColumnType type) {
  return type == Kind::kBigint || type == Kind::kDouble || type == Kind::kDecimal;
}

/// The decimal that holds all that a number's type says of its values; none if no decimal does.
std::optional<ColumnType> as_decimal(ColumnType type) {
  if (type == Kind::kBigint) return ColumnType::decimal(19, 0);
  if (type == Kind::kDecimal) return type;
  if (type.digits != Digits::kFew) return std::nullopt;
  return kWidestDecimal;
}

ColumnType wider_number(ColumnType a, ColumnType b) {
  if (a == Kind::kDouble) std::swap(a, b);
  if (a == Kind::kBigint && b == Kind::kDouble) {
    // Files that do not say what they hold are taken for what they were when they were written.
    const bool neither_known = a.digits == Digits::kUnknown && b.digits == Digits::kUnknown;
    if (a.digits == Digits::kFew || neither_known) return b;
  }
  const auto left = as_decimal(a);
  const auto right = as_decimal(b);
  if (!left || !right) return Kind::kVarchar;
  const int whole = std::max(left->width - left->scale, right->width - right->scale);
  const int scale = std::max(left->scale, right->scale);
  if (whole + scale > kDecimalWidthMax) return Kind::kVarchar;
  return ColumnType::decimal(static_cast<uint8_t>(whole + scale), static_cast<uint8_t>(scale));
}

}  // namespace

std::string type_name(ColumnType type) {
  if (type == Kind::kDecimal) return fmt::format("DECIMAL({},{})", type.width, type.scale);
  const auto found = std::ranges::find(kNames, type.kind, &decltype(kNames)::value_type::second);
  return std::string(found->first);
}

std::optional<ColumnType> parse_type_name(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), upper);
  for (const std::string_view decimal : {"DECIMAL(", "NUMERIC("}) {
    if (text.starts_with(decimal)) return parse_decimal(std::string_view(text).substr(8));
  }
  const auto found = std::ranges::find(kNames, text, &decltype(kNames)::value_type::first);
  if (found == kNames.end()) return std::nullopt;
  return ColumnType(found->second);
}

ColumnType wider_type(ColumnType a, ColumnType b) {
  if (a == b || b == Kind::kOpen) return a;
  if (a == Kind::kOpen) return b;
  if (a.same_storage(b)) return {a.kind, std::max(a.digits, b.digits)};
  if (is_number(a) && is_number(b)) return wider_number(a, b);
  if (a == Kind::kTimestampNs) std::swap(a, b);
  const bool are_times = a == Kind::kTimestamp && b == Kind::kTimestampNs;
  return are_times && a.digits == Digits::kFew ? b : ColumnType(Kind::kVarchar);
}

}  // namespace ticklake::market
