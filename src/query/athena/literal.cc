// Literals: numbers, strings, X'…', U&'…', DATE '…', TIMESTAMP '… Europe/Paris', INTERVAL '…' DAY.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

constexpr std::array<std::string_view, 16> kLiteralTypes{
    "date",     "time",    "timestamp", "decimal", "double", "real",    "bigint", "integer",
    "smallint", "tinyint", "json",      "varchar", "char",   "boolean", "uuid",   "ipaddress"};

void append_utf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

/// U&'a\0041\+01F600\\': none if an escape is no code point.
std::optional<std::string> unescaped(std::string_view text, char escape) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != escape) {
      out += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == escape) {
      out += escape;
      ++i;
      continue;
    }
    const bool wide = i + 1 < text.size() && text[i + 1] == '+';
    const size_t begin = i + (wide ? 2 : 1);
    const size_t digits = wide ? 6 : 4;
    uint32_t code = 0;
    if (begin + digits > text.size()) return {};
    const char* end = text.data() + begin + digits;
    if (std::from_chars(text.data() + begin, end, code, 16).ptr != end) return {};
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
    append_utf8(code, out);
    i = begin + digits - 1;
  }
  return out;
}

/// The digits of a decimal literal as (precision, scale).
Type type_of_digits(std::string_view text) {
  size_t digits = 0;
  size_t scale = 0;
  bool behind_point = false;
  bool leading = true;
  for (const char c : text) {
    if (c == '.') behind_point = true;
    if (c < '0' || c > '9') continue;
    leading = leading && c == '0' && !behind_point;
    if (!leading) ++digits;
    if (behind_point) ++scale;
  }
  digits = std::max({digits, scale, size_t{1}});
  return {TypeKind::kDecimal, static_cast<uint8_t>(std::min<size_t>(digits, 255)),
          static_cast<uint8_t>(std::min<size_t>(scale, 255))};
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "2026-1-5", "12:30", "12:30:45.123" …: only the characters, DuckDB reads the rest.
bool is_date(std::string_view text) {
  const size_t first = text.find('-', 1);
  if (first == std::string_view::npos) return false;
  const size_t second = text.find('-', first + 1);
  if (second == std::string_view::npos) return false;
  const std::string_view day = text.substr(second + 1);
  const std::string_view year = text.substr(0, first);
  const std::string_view month = text.substr(first + 1, second - first - 1);
  if (!is_digits(year) || year.size() < 4 || year.size() > 5 || !is_digits(month) ||
      month.size() > 2 || !is_digits(day) || day.size() > 2) {
    return false;
  }
  const auto number = [](std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  const std::chrono::year_month_day ymd{std::chrono::year(number(year)),
                                        std::chrono::month(static_cast<unsigned>(number(month))),
                                        std::chrono::day(static_cast<unsigned>(number(day)))};
  return ymd.ok();
}

bool is_time(std::string_view text) {
  return text.find(':') != std::string_view::npos && text.front() >= '0' && text.front() <= '9' &&
         text.find_first_not_of("0123456789:.") == std::string_view::npos;
}

struct IntervalUnit {
  std::string_view word;
  int64_t micros;  ///< 0 for months
  int64_t months;
};
constexpr std::array<IntervalUnit, 6> kUnits{{{"year", 0, 12},
                                              {"month", 0, 1},
                                              {"day", 86'400'000'000, 0},
                                              {"hour", 3'600'000'000, 0},
                                              {"minute", 60'000'000, 0},
                                              {"second", 1'000'000, 0}}};

}  // namespace

std::optional<std::string> constant_string(const Expr& expr) {
  return expr.is_literal ? string_value(expr.sql) : std::nullopt;
}

std::optional<int> zone_offset_minutes(std::string_view zone) {
  if (zone.size() < 2 || (zone[0] != '+' && zone[0] != '-')) return {};
  int hours = 0;
  int minutes = 0;
  const char* const end = zone.data() + zone.size();
  const char* at = std::from_chars(zone.data() + 1, end, hours).ptr;
  if (at != end && *at == ':') at = std::from_chars(at + 1, end, minutes).ptr;
  if (at != end || hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return {};
  return (zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

Expr Translator::number_literal() {
  std::string text(cursor_.text());
  std::erase(text, '_');
  const size_t token = cursor_.position();
  cursor_.advance();
  Expr expr;
  expr.is_literal = true;
  const std::string lower = to_lower(text);
  if (lower.size() > 1 && (lower[1] == 'x' || lower[1] == 'o' || lower[1] == 'b')) {
    const int base = lower[1] == 'x' ? 16 : lower[1] == 'o' ? 8 : 2;
    uint64_t number = 0;
    const char* end = lower.data() + lower.size();
    if (lower.size() < 3 || std::from_chars(lower.data() + 2, end, number, base).ptr != end) {
      cursor_.fail("SYNTAX_ERROR", "Invalid numeric literal: " + text, token);
    }
    text = std::to_string(number);
  }
  if (lower.find_first_of(".e") == std::string::npos || (lower.size() > 1 && lower[1] == 'x')) {
    const size_t digits = text.size() - std::min(text.find_first_not_of('0'), text.size() - 1);
    if (digits > 19 || (digits == 19 && text.substr(text.size() - 19) > "9223372036854775808")) {
      cursor_.fail("SYNTAX_ERROR", "Invalid numeric literal: " + text, token);
    }
    expr.type = {digits < 10 || (digits == 10 && text.substr(text.size() - 10) <= "2147483647")
                     ? TypeKind::kInteger
                     : TypeKind::kBigint};
  } else if (lower.find('e') != std::string::npos) {
    expr.type = {TypeKind::kDouble};
    // DuckDB takes a small one for a decimal.
    text = "CAST(" + text + " AS DOUBLE)";
  } else {
    expr.type = type_of_digits(text);
    if (expr.type.precision > 38) {
      cursor_.fail("SYNTAX_ERROR", "Invalid decimal literal: " + text, token);
    }
    if (text.front() == '.') text.insert(0, "0");
    if (text.back() == '.') text.pop_back();
    // DuckDB gives 007.5 and 1. other types than Trino.
    text = "CAST(" + text + " AS DECIMAL(" + std::to_string(expr.type.precision) + "," +
           std::to_string(expr.type.scale) + "))";
  }
  expr.sql = std::move(text);
  return expr;
}

Expr Translator::string_literal() {
  const std::string text(cursor_.text());
  const size_t token = cursor_.position();
  if (text.front() == '\'') {
    Expr expr;
    expr.sql = quoted_string(cursor_.expect_string());
    expr.type = {TypeKind::kVarchar};
    expr.is_literal = true;
    return expr;
  }
  cursor_.advance();
  if (text.front() == 'x' || text.front() == 'X') {
    std::string digits;
    for (const char c : string_value(std::string_view(text).substr(1)).value_or("?")) {
      if (c != ' ' && c != '\n' && c != '\t') digits += c;
    }
    if (digits.size() % 2 != 0 ||
        digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
      cursor_.fail("SYNTAX_ERROR", "Binary literal must contain an even number of hex digits",
                   token);
    }
    return made("unhex('" + digits + "')", {TypeKind::kVarbinary}, 1);
  }
  char escape = '\\';
  const auto raw = string_value(std::string_view(text).substr(2));
  if (cursor_.accept_word("uescape")) {
    const std::string given = cursor_.expect_string();
    if (given.size() == 1) escape = given[0];
  }
  const auto value = raw ? unescaped(*raw, escape) : std::nullopt;
  if (!value) {
    cursor_.fail("SYNTAX_ERROR", "Invalid escaped Unicode string", token);
    return {};
  }
  Expr expr;
  expr.sql = quoted_string(*value);
  expr.type = {TypeKind::kVarchar};
  expr.is_literal = true;
  return expr;
}

bool Translator::is_typed_literal() const {
  if (cursor_.is_word("interval")) {
    const size_t sign = cursor_.is_symbol("-", 1) || cursor_.is_symbol("+", 1) ? 1 : 0;
    return cursor_.is_string(1 + sign);
  }
  if (cursor_.is_word("double") && cursor_.is_word("precision", 1)) return cursor_.is_string(2);
  if (!cursor_.is_kind(TokenKind::kWord) || !cursor_.is_string(1)) return false;
  const std::string word = to_lower(cursor_.text());
  return std::find(kLiteralTypes.begin(), kLiteralTypes.end(), word) != kLiteralTypes.end();
}

Expr Translator::typed_literal() {
  const size_t token = cursor_.position();
  if (cursor_.is_word("interval")) return interval_literal();
  const std::string word = to_lower(cursor_.text());
  cursor_.advance();
  cursor_.accept_word("precision");
  const std::string text = cursor_.expect_string();
  if (cursor_.failed()) return {};
  const auto invalid = [&](const std::string& type) {
    cursor_.fail("INVALID_LITERAL", "'" + text + "' is not a valid " + type + " literal", token);
    return Expr{};
  };
  if (word == "timestamp") return timestamp_literal(text, token);
  if (word == "date") {
    if (!is_date(text)) return invalid("DATE");
    return made("DATE " + quoted_string(text), {TypeKind::kDate}, 1);
  }
  if (word == "time") {
    if (!is_time(text)) return invalid("TIME");
    return made("TIME " + quoted_string(text), {TypeKind::kTime}, 1);
  }
  if (word == "decimal") {
    const bool is_number = !text.empty() &&
                           text.find_first_not_of("0123456789.+-") == std::string::npos &&
                           text.find_first_of("0123456789") != std::string::npos;
    const Type type = type_of_digits(text);
    if (!is_number || type.precision > 38) return invalid("DECIMAL");
    return made("CAST(" + quoted_string(text) + " AS DECIMAL(" + std::to_string(type.precision) +
                    "," + std::to_string(type.scale) + "))",
                type, 1);
  }
  if (word == "json") {
    return macro("json_parse", {made(quoted_string(text), {TypeKind::kVarchar}, 1)},
                 {TypeKind::kJson});
  }
  if (word == "ipaddress") {
    cursor_.not_supported("type ipaddress", token);
    return {};
  }
  if (word == "varchar" || word == "char") {
    Expr expr = made(quoted_string(text), {TypeKind::kVarchar}, 1);
    expr.is_literal = true;
    return expr;
  }
  static constexpr std::pair<std::string_view, TypeKind> kKinds[] = {
      {"double", TypeKind::kDouble},     {"real", TypeKind::kReal},
      {"bigint", TypeKind::kBigint},     {"integer", TypeKind::kInteger},
      {"smallint", TypeKind::kSmallint}, {"tinyint", TypeKind::kTinyint},
      {"boolean", TypeKind::kBoolean},   {"uuid", TypeKind::kUuid}};
  for (const auto& [name, kind] : kKinds) {
    if (name == word) {
      return made("CAST(" + quoted_string(text) + " AS " + word + ")", {kind}, 1);
    }
  }
  return invalid(word);
}

/// '2026-01-02', '2026-01-02 03:04[:05[.678]]', and a zone behind it: UTC, +05:30, Europe/Paris.
Expr Translator::timestamp_literal(const std::string& text, size_t token) {
  std::string_view rest = text;
  while (!rest.empty() && rest.front() == ' ')
    rest.remove_prefix(1);
  while (!rest.empty() && rest.back() == ' ')
    rest.remove_suffix(1);
  const size_t date_end = std::min(rest.find_first_of(" T"), rest.size());
  const std::string date(rest.substr(0, date_end));
  std::string_view behind = rest.substr(std::min(date_end + 1, rest.size()));
  const size_t time_end = std::min(behind.find_first_not_of("0123456789:."), behind.size());
  std::string time(behind.substr(0, time_end));
  std::string_view zone = behind.substr(time_end);
  while (!zone.empty() && zone.front() == ' ')
    zone.remove_prefix(1);
  if (!is_date(date) || (!time.empty() && !is_time(time)) ||
      zone.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/+-:") !=
          std::string_view::npos) {
    cursor_.fail("INVALID_LITERAL", "'" + text + "' is not a valid TIMESTAMP literal", token);
    return {};
  }
  if (time.empty()) time = "00:00:00";
  if (std::count(time.begin(), time.end(), ':') == 1) time += ":00";
  const std::string moment = date + " " + time;
  if (zone.empty()) return made("TIMESTAMP '" + moment + "'", {TypeKind::kTimestamp}, 1);
  if (zone == "UTC" || zone == "Z" || zone == "utc") {
    return made("TIMESTAMPTZ '" + moment + "+00'", {TypeKind::kTimestampTz}, 1);
  }
  Expr expr = made("TIMESTAMP '" + moment + "'", {TypeKind::kTimestamp}, 1);
  const bool is_offset = zone_offset_minutes(zone).has_value();
  expr.instant = "TIMESTAMPTZ '" + moment + (is_offset ? "" : " ") + std::string(zone) + "'";
  expr.zone = quoted_string(zone);
  return expr;
}

/// INTERVAL [-] '…' unit [TO unit]. '1-2' YEAR TO MONTH, '1 02:03:04.5' DAY TO SECOND, '90' MINUTE.
Expr Translator::interval_literal() {
  const size_t token = cursor_.position();
  cursor_.expect_word("interval");
  bool negative = cursor_.accept_symbol("-");
  if (!negative) cursor_.accept_symbol("+");
  std::string text = cursor_.expect_string();
  const auto unit = [&]() -> size_t {
    for (size_t i = 0; i < kUnits.size(); ++i) {
      if (cursor_.accept_word(kUnits[i].word)) return i;
    }
    cursor_.unexpected("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'");
    return 0;
  };
  const size_t first = unit();
  const size_t last = cursor_.accept_word("to") ? unit() : first;
  if (cursor_.failed()) return {};
  if (text.starts_with('-')) {
    negative = !negative;
    text.erase(0, 1);
  }
  // The numbers between the separators, the first of them in the first unit.
  int64_t months = 0;
  int64_t micros = 0;
  size_t at = 0;
  bool bad = text.empty() || last < first || (first < 2) != (last < 2);
  for (size_t i = first; i <= last && !bad; ++i) {
    const size_t end = std::min(text.find_first_not_of("0123456789.", at), text.size());
    const std::string number = text.substr(at, end - at);
    double amount = 0;
    bad = number.empty() || number.size() > 18 ||
          std::from_chars(number.data(), number.data() + number.size(), amount).ptr !=
              number.data() + number.size() ||
          (i < last) != (end < text.size());
    if (bad) break;
    const double product = amount * static_cast<double>(std::max<int64_t>(1, kUnits[i].micros));
    bad = product > 9e18 || (i < 5 && number.find('.') != std::string::npos);
    if (bad) break;
    months += kUnits[i].months * (kUnits[i].months > 0 ? std::llround(amount) : 0);
    if (kUnits[i].micros > 0) micros += std::llround(product);
    at = std::min(end + 1, text.size());
  }
  if (bad || months > 2'000'000'000 || micros > 9'000'000'000'000'000'000 || micros < 0) {
    cursor_.fail("INVALID_LITERAL", "'" + text + "' is not a valid INTERVAL literal", token);
    return {};
  }
  const std::string sign = negative ? "-" : "";
  if (first < 2) {
    return made("INTERVAL '" + sign + std::to_string(months) + " months'",
                {TypeKind::kIntervalYear}, 1);
  }
  constexpr int64_t kDay = 86'400'000'000;
  return made("INTERVAL '" + sign + std::to_string(micros / kDay) + " days " + sign +
                  std::to_string(micros % kDay) + " microseconds'",
              {TypeKind::kIntervalDay}, 1);
}

}  // namespace ticklake::query::athena
