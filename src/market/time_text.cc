#include "market/time_text.h"

#include <array>
#include <cstring>

namespace ticklake::market {
namespace {

constexpr int kYearMin = 1678;
constexpr int kYearMax = 2261;
constexpr int kNanosecondDigits = 9;

char* write_digits(char* to, uint32_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + digits;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, int& nanosecond) {
  int digits = 0;
  nanosecond = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (++digits > kNanosecondDigits) return false;
    nanosecond = nanosecond * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return false;
  for (; digits < kNanosecondDigits; ++digits)
    nanosecond *= 10;
  return true;
}

bool take_zone(std::string_view& text, CivilTime& civil) {
  civil.offset_minutes = 0;
  if (take(text, 'Z') || take(text, 'z')) return true;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return true;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, 2, hours)) return false;
  take(text, ':');
  if (!take_number(text, 2, 2, minutes) || hours > 23 || minutes > 59) return false;
  civil.offset_minutes = sign * (hours * 60 + minutes);
  return true;
}

}  // namespace

bool take_number(std::string_view& text, size_t digits_min, size_t digits_max, int& value) {
  size_t digits = 0;
  int read = 0;
  while (digits < digits_max && digits < text.size() && text[digits] >= '0' &&
         text[digits] <= '9') {
    read = read * 10 + (text[digits++] - '0');
  }
  if (digits < digits_min) return false;
  value = read;
  text.remove_prefix(digits);
  return true;
}

std::optional<base::WallTime> to_wall_time(const CivilTime& civil) {
  using namespace std::chrono;
  if (civil.year < kYearMin || civil.year > kYearMax) return std::nullopt;
  const year_month_day date{year{civil.year}, month{static_cast<unsigned>(civil.month)},
                            day{static_cast<unsigned>(civil.day)}};
  if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 60) return std::nullopt;
  return base::WallTime{sys_days{date}} + hours{civil.hour} +
         minutes{civil.minute - civil.offset_minutes} + seconds{civil.second} +
         nanoseconds{civil.nanosecond};
}

bool take_time_of_day(std::string_view& text, CivilTime& civil) {
  if (!take_number(text, 1, 2, civil.hour) || !take(text, ':')) return false;
  if (!take_number(text, 2, 2, civil.minute)) return false;
  if (take(text, ':')) {
    if (!take_number(text, 2, 2, civil.second)) return false;
    if (take(text, '.') && !take_fraction(text, civil.nanosecond)) return false;
  }
  return take_zone(text, civil);
}

std::optional<base::WallTime> parse_rfc3339(std::string_view text) {
  constexpr size_t kBytesMin = std::string_view("2026-11-24T00:15:03Z").size();
  if (text.size() < kBytesMin || text[13] != ':' || text[16] != ':') return std::nullopt;
  const bool has_zone = text.ends_with('Z') || text.ends_with('z') ||
                        (text[text.size() - 3] == ':' &&
                         (text[text.size() - 6] == '+' || text[text.size() - 6] == '-'));
  CivilTime civil;
  if (!has_zone || !take_number(text, 4, 4, civil.year) || !take(text, '-') ||
      !take_number(text, 2, 2, civil.month) || !take(text, '-') ||
      !take_number(text, 2, 2, civil.day)) {
    return std::nullopt;
  }
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  if (!take_time_of_day(text, civil) || !text.empty()) return std::nullopt;
  return to_wall_time(civil);
}

char* write_rfc3339(char* to, base::WallTime time, int fraction_digits) {
  using namespace std::chrono;
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const auto since_midnight = static_cast<uint64_t>((time - midnight).count());
  auto second = static_cast<uint32_t>(since_midnight / 1'000'000'000);
  auto fraction = static_cast<uint32_t>(since_midnight % 1'000'000'000);
  to = write_digits(to, static_cast<uint32_t>(static_cast<int>(date.year())), 4);
  *to++ = '-';
  to = write_digits(to, static_cast<unsigned>(date.month()), 2);
  *to++ = '-';
  to = write_digits(to, static_cast<unsigned>(date.day()), 2);
  *to++ = 'T';
  to = write_digits(to, second / 3600, 2);
  *to++ = ':';
  to = write_digits(to, second / 60 % 60, 2);
  *to++ = ':';
  to = write_digits(to, second % 60, 2);
  if (fraction_digits > 0) {
    *to++ = '.';
    for (int i = fraction_digits; i < kNanosecondDigits; ++i)
      fraction /= 10;
    to = write_digits(to, fraction, fraction_digits);
  }
  *to++ = 'Z';
  return to;
}

std::string to_rfc3339(base::WallTime time, int fraction_digits) {
  std::array<char, kRfc3339BytesMax> text;
  return {text.data(), write_rfc3339(text.data(), time, fraction_digits)};
}

}  // namespace ticklake::market
