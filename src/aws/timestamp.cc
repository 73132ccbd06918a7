#include "aws/timestamp.h"

#include <algorithm>
#include <cstdio>

namespace ticklake::aws {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

// Outside of these a WallTime's nanoseconds do not fit 64 bits.
constexpr int kYearMin = 1678;
constexpr int kYearMax = 2261;

/// Takes fixed fields off the front of a text; the first that does not fit makes it failed.
class Fields {
 public:
  explicit Fields(std::string_view text) : text_(text) {}

  int number(size_t digits) {
    if (text_.size() < digits) return failed();
    int value = 0;
    for (const char c : text_.substr(0, digits)) {
      if (c < '0' || c > '9') return failed();
      value = 10 * value + (c - '0');
    }
    text_.remove_prefix(digits);
    return value;
  }
  bool next_is(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!next_is(c)) failed();
  }
  bool is_at_end() const { return ok_ && text_.empty(); }
  bool ok() const { return ok_; }
  size_t leading_digits() const {
    return std::min(text_.find_first_not_of("0123456789"), text_.size());
  }

 private:
  int failed() {
    ok_ = false;
    return 0;
  }

  std::string_view text_;
  bool ok_ = true;
};

std::optional<base::WallTime> time_of(int year, int month, int day, int hour, int minute,
                                      int second) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || year < kYearMin || year > kYearMax) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return base::WallTime{std::chrono::sys_days{date} + std::chrono::hours{hour} +
                        std::chrono::minutes{minute} + seconds{second}};
}

struct Parts {
  int year;
  unsigned month, day;
  int hour, minute, second, millisecond;
};

Parts parts_of(base::WallTime time) {
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{floor<std::chrono::milliseconds>(time - day)};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

template <typename... Arguments>
std::string printed(const char* format, Arguments... arguments) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, format, arguments...);
  return {text, static_cast<size_t>(size)};
}

}  // namespace

std::string to_basic_time(base::WallTime time) {
  const Parts p = parts_of(time);
  return printed("%04d%02u%02uT%02d%02d%02dZ", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::optional<base::WallTime> parse_basic_time(std::string_view text) {
  Fields fields(text);
  const int year = fields.number(4);
  const int month = fields.number(2);
  const int day = fields.number(2);
  fields.expect('T');
  const int hour = fields.number(2);
  const int minute = fields.number(2);
  const int second = fields.number(2);
  fields.expect('Z');
  if (!fields.is_at_end()) return std::nullopt;
  return time_of(year, month, day, hour, minute, second);
}

std::string to_iso_time(base::WallTime time) {
  const Parts p = parts_of(time);
  return printed("%04d-%02u-%02uT%02d:%02d:%02dZ", p.year, p.month, p.day, p.hour, p.minute,
                 p.second);
}

std::string to_iso_time_ms(base::WallTime time) {
  const Parts p = parts_of(time);
  return printed("%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", p.year, p.month, p.day, p.hour, p.minute,
                 p.second, p.millisecond);
}

std::optional<base::WallTime> parse_iso_time(std::string_view text) {
  Fields fields(text);
  const int year = fields.number(4);
  fields.expect('-');
  const int month = fields.number(2);
  fields.expect('-');
  const int day = fields.number(2);
  if (fields.is_at_end()) return time_of(year, month, day, 0, 0, 0);
  fields.expect('T');
  const int hour = fields.number(2);
  fields.expect(':');
  const int minute = fields.number(2);
  int second = 0;
  std::chrono::nanoseconds fraction{0};
  if (fields.next_is(':')) {
    second = fields.number(2);
    if (fields.next_is('.')) {
      const size_t digits = fields.leading_digits();
      if (digits == 0 || digits > 9) return std::nullopt;
      int64_t value = fields.number(digits);
      for (size_t i = digits; i < 9; ++i)
        value *= 10;
      fraction = std::chrono::nanoseconds{value};
    }
  }
  std::chrono::minutes offset{0};
  if (!fields.next_is('Z')) {
    const int sign = fields.next_is('-') ? -1 : 1;
    if (sign == 1) fields.expect('+');
    const int offset_hours = fields.number(2);
    fields.expect(':');
    const int offset_minutes = fields.number(2);
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = sign * (std::chrono::hours{offset_hours} + std::chrono::minutes{offset_minutes});
  }
  if (!fields.is_at_end()) return std::nullopt;
  const auto time = time_of(year, month, day, hour, minute, second);
  if (!time) return std::nullopt;
  return *time + fraction - offset;
}

}  // namespace ticklake::aws
