#include "message/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/utf8.h"

namespace ticklake::message {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;

template <typename Number>
void append_number(std::string& json, Number value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  json.append(text.data(), end);
}

template <typename Real>
void append_any_real(std::string& json, Real value) {
  if (!std::isfinite(value)) {
    json += "null";
    return;
  }
  const size_t start = json.size();
  append_number(json, value);
  if (json.find_first_of(".e", start) == std::string::npos) json += ".0";
}

void append_escape(std::string& json, char c) {
  switch (c) {
    case '"': json += "\\\""; break;
    case '\\': json += "\\\\"; break;
    case '\n': json += "\\n"; break;
    case '\r': json += "\\r"; break;
    case '\t': json += "\\t"; break;
    default: fmt::format_to(std::back_inserter(json), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

/// Decimal digits of a magnitude, which it uses up: big-endian, without sign.
std::string digits_of(std::vector<uint8_t> magnitude) {
  std::string digits;
  size_t first = 0;
  while (first < magnitude.size()) {
    unsigned remainder = 0;
    for (size_t i = first; i < magnitude.size(); ++i) {
      const unsigned value = (remainder << 8) | magnitude[i];
      magnitude[i] = static_cast<uint8_t>(value / 10);
      remainder = value % 10;
    }
    digits += static_cast<char>('0' + remainder);
    while (first < magnitude.size() && magnitude[first] == 0)
      ++first;
  }
  if (digits.empty()) digits = "0";
  std::ranges::reverse(digits);
  return digits;
}

std::vector<uint8_t> magnitude_of(std::string_view bytes, bool is_negative) {
  std::vector<uint8_t> magnitude(bytes.begin(), bytes.end());
  if (!is_negative) return magnitude;
  unsigned carry = 1;
  for (size_t i = magnitude.size(); i-- > 0;) {
    const unsigned value = (magnitude[i] ^ 0xffu) + carry;
    magnitude[i] = static_cast<uint8_t>(value);
    carry = value >> 8;
  }
  return magnitude;
}

int64_t power_of_ten(int digits) {
  int64_t power = 1;
  for (int i = 0; i < digits; ++i)
    power *= 10;
  return power;
}

int64_t floor_divide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

/// False if the year has not four digits.
bool append_day(std::string& json, int64_t days) {
  constexpr int64_t kYear1 = -719'162;
  constexpr int64_t kYear10000 = 2'932'897;
  if (days < kYear1 || days >= kYear10000) return false;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  fmt::format_to(std::back_inserter(json), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return true;
}

void append_clock(std::string& json, int64_t second_of_day, int64_t fraction, int digits) {
  fmt::format_to(std::back_inserter(json), "{:02}:{:02}:{:02}", second_of_day / 3'600,
                 second_of_day / 60 % 60, second_of_day % 60);
  if (digits > 0) fmt::format_to(std::back_inserter(json), ".{:0{}}", fraction, digits);
}

}  // namespace

bool append_string(std::string& json, std::string_view text) {
  const size_t start = json.size();
  json += '"';
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') {
      append_escape(json, c);
      ++i;
      continue;
    }
    const base::Utf8Character character = base::first_utf8_character(text.substr(i));
    if (character.bytes == 0) {
      json.resize(start);
      return false;
    }
    json.append(text, i, character.bytes);
    i += character.bytes;
  }
  json += '"';
  return true;
}

void append_base64(std::string& json, std::string_view bytes) {
  json += '"';
  json += base::to_base64(base::as_bytes(bytes));
  json += '"';
}

void append_integer(std::string& json, int64_t value) { append_number(json, value); }
void append_integer(std::string& json, uint64_t value) { append_number(json, value); }
void append_real(std::string& json, double value) { append_any_real(json, value); }
void append_real(std::string& json, float value) { append_any_real(json, value); }

bool append_decimal(std::string& json, std::string_view bytes, int64_t scale) {
  if (bytes.size() > kDecimalBytesMax || scale < 0 || scale > kScaleMax) return false;
  const bool is_negative = !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80u) != 0;
  std::string digits = digits_of(magnitude_of(bytes, is_negative));
  const auto fraction = static_cast<size_t>(scale);
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  if (is_negative) json += '-';
  json.append(digits, 0, digits.size() - fraction);
  if (fraction > 0) {
    json += '.';
    json.append(digits, digits.size() - fraction);
  }
  return true;
}

void append_date(std::string& json, int64_t days) {
  const size_t start = json.size();
  json += '"';
  if (append_day(json, days)) {
    json += '"';
    return;
  }
  json.resize(start);
  append_integer(json, days);
}

void append_time_of_day(std::string& json, int64_t value, int digits) {
  const int64_t unit = power_of_ten(digits);
  if (value < 0 || value / unit >= kSecondsPerDay) return append_integer(json, value);
  json += '"';
  append_clock(json, value / unit, value % unit, digits);
  json += '"';
}

void append_timestamp(std::string& json, int64_t value, int digits, std::string_view zone) {
  const int64_t unit = power_of_ten(digits);
  const int64_t second = floor_divide(value, unit);
  const int64_t day = floor_divide(second, kSecondsPerDay);
  const size_t start = json.size();
  json += '"';
  if (!append_day(json, day)) {
    json.resize(start);
    return append_integer(json, value);
  }
  json += 'T';
  const int64_t second_of_day = second % kSecondsPerDay;
  const int64_t fraction = value % unit;
  append_clock(json, second_of_day < 0 ? second_of_day + kSecondsPerDay : second_of_day,
               fraction < 0 ? fraction + unit : fraction, digits);
  json += zone;
  json += '"';
}

}  // namespace ticklake::message
