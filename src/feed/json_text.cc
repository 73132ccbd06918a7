#include "feed/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace ticklake::feed {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_escaped(std::string& json, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"': json += "\\\""; return;
    case '\\': json += "\\\\"; return;
    case '\n': json += "\\n"; return;
    case '\r': json += "\\r"; return;
    case '\t': json += "\\t"; return;
    default: break;
  }
  const auto code = static_cast<unsigned char>(c);
  json += "\\u00";
  json += kHex[code >> 4];
  json += kHex[code & 15];
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

/// The parts of [+-]digits[.digits][e[+-]digits] with at least one digit before the exponent.
struct NumberText {
  bool negative = false, plus = false;
  std::string_view whole, fraction, exponent;
  bool has_point = false;
};

bool split_number(std::string_view text, NumberText& number) {
  if (text.starts_with('-') || text.starts_with('+')) {
    number.negative = text[0] == '-';
    number.plus = text[0] == '+';
    text.remove_prefix(1);
  }
  const auto take_digits = [&] {
    const size_t size =
        static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    const std::string_view digits = text.substr(0, size);
    text.remove_prefix(size);
    return digits;
  };
  number.whole = take_digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    number.has_point = true;
    number.fraction = take_digits();
  }
  if (number.whole.empty() && number.fraction.empty()) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    const std::string_view exponent = text;
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (take_digits().empty()) return false;
    number.exponent = exponent.substr(0, exponent.size() - text.size());
  }
  return text.empty();
}

bool fits_a_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && std::isfinite(value);
}

bool append_number(std::string& json, std::string_view text) {
  if (text.empty() || !(is_digit(text[0]) || text[0] == '-' || text[0] == '+' || text[0] == '.'))
    return false;
  NumberText number;
  if (!split_number(text, number)) return false;
  if (number.whole.size() > 1 && number.whole[0] == '0') return false;
  constexpr size_t kBytesSurelyFinite = 200;
  if ((!number.exponent.empty() || text.size() > kBytesSurelyFinite) && !fits_a_double(text))
    return false;
  const bool is_json =
      !number.plus && !number.whole.empty() && (!number.has_point || !number.fraction.empty());
  if (is_json) {
    json += text;
    return true;
  }
  if (number.negative) json += '-';
  json += number.whole.empty() ? "0" : number.whole;
  if (!number.fraction.empty()) (json += '.') += number.fraction;
  json += number.exponent;
  return true;
}

}  // namespace

bool append_json_string(std::string& json, std::string_view text) {
  const size_t before = json.size();
  json += '"';
  size_t plain_from = 0;
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      const size_t length = base::first_utf8_character(text.substr(at)).bytes;
      if (length == 0) {
        json.resize(before);
        return false;
      }
      at += length;
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') {
      json.append(text, plain_from, at - plain_from);
      append_escaped(json, c);
      plain_from = at + 1;
    }
    ++at;
  }
  json.append(text, plain_from);
  json += '"';
  return true;
}

bool means_missing(std::string_view text) {
  if (text.empty()) return true;
  if (is_digit(text[0])) return false;  // the most frequent case by far
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  return equals_ignoring_case(text, "null") || equals_ignoring_case(text, "nan") || text == "inf" ||
         text == "Infinity";
}

bool append_json_value(std::string& json, std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  if (means_missing(text)) {
    json += "null";
    return true;
  }
  return append_number(json, text) || append_json_string(json, text);
}

}  // namespace ticklake::feed
