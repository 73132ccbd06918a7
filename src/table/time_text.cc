#include "table/time_text.h"

#include <chrono>

namespace ticklake::table {
namespace {

constexpr size_t kDayBytes = 10;
constexpr int kFractionDigitsMax = 9;
constexpr int kMicrosecondDigits = 6;
// Days since 1970 of the first of January.
constexpr int32_t kYear1678 = -106'650;
constexpr int32_t kYear2262 = 106'651;

/// Takes exactly `digits` decimal digits off the front; -1 if there are fewer.
int take_digits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// Nanoseconds of ".f…", and how many digits that had; none if there are no or too many digits.
std::optional<int64_t> take_fraction(std::string_view& text, int& digits) {
  digits = 0;
  if (!take(text, '.')) return 0;
  int64_t value = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
    if (digits == kFractionDigitsMax) return std::nullopt;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (int i = digits; i < kFractionDigitsMax; ++i)
    value *= 10;
  return value;
}

/// Minutes east of UTC; none unless the whole of `text` is a zone.
std::optional<int> zone_minutes(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 23 || !take(text, ':')) return std::nullopt;
  const int minutes = take_digits(text, 2);
  if (minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

}  // namespace

std::optional<int32_t> parse_day(std::string_view text) {
  if (text.size() != kDayBytes) return std::nullopt;
  const int year = take_digits(text, 4);
  if (year < 1 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 1 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 1) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

bool TextTime::fits_nanoseconds() const {
  return microseconds >= kYear1678 * kMicrosecondsPerDay &&
         microseconds < kYear2262 * kMicrosecondsPerDay;
}

lake::ColumnType TextTime::type() const {
  using lake::ColumnType;
  using market::Digits;
  const bool fits = fits_nanoseconds();
  if (fraction_digits <= kMicrosecondDigits) {
    return {ColumnType::kTimestamp, fits ? Digits::kFew : Digits::kMany};
  }
  return fits ? ColumnType::kTimestampNs : ColumnType::kVarchar;
}

std::optional<TextTime> parse_time(std::string_view text) {
  if (text.size() < kDayBytes + 6 || (text[kDayBytes] != 'T' && text[kDayBytes] != ' ')) {
    return std::nullopt;
  }
  const auto day = parse_day(text.substr(0, kDayBytes));
  if (!day) return std::nullopt;
  text.remove_prefix(kDayBytes + 1);
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 23 || !take(text, ':')) return std::nullopt;
  const int minutes = take_digits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  int seconds = 0;
  int64_t fraction = 0;
  TextTime time;
  if (take(text, ':')) {
    seconds = take_digits(text, 2);
    // A leap second (60) has no place in SQL's time line, and stays text.
    if (seconds < 0 || seconds > 59) return std::nullopt;
    const auto taken = take_fraction(text, time.fraction_digits);
    if (!taken) return std::nullopt;
    fraction = *taken;
  }
  const auto zone = zone_minutes(text);
  if (!zone) return std::nullopt;
  const int64_t second_of_day = (hours * 60 + minutes - *zone) * int64_t{60} + seconds;
  time.microseconds = *day * kMicrosecondsPerDay + second_of_day * 1'000'000 + fraction / 1'000;
  time.nanoseconds = static_cast<int32_t>(fraction % 1'000);
  return time;
}

}  // namespace ticklake::table
