#include "http/date.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace ticklake::http {
namespace {

using std::chrono::floor;

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// Up to where nanoseconds of 64 bits reach.
constexpr int kYearMax = 2261;

/// Takes the parts of a date off the front of a text; after the first that is not there all fail.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  bool is_good() const { return is_good_; }
  bool is_at_end() const { return is_good_ && text_.empty(); }
  void skip(std::string_view expected) {
    if (!text_.starts_with(expected)) return fail();
    text_.remove_prefix(expected.size());
  }
  unsigned number(size_t digits) {
    unsigned value = 0;
    if (text_.size() < digits) return fail(), 0;
    const char* const end = text_.data() + digits;
    const auto [stop, error] = std::from_chars(text_.data(), end, value);
    if (error != std::errc{} || stop != end) return fail(), 0;
    text_.remove_prefix(digits);
    return value;
  }
  /// asctime() puts a blank before a day of one digit.
  unsigned padded_day() {
    if (text_.starts_with(' ')) {
      skip(" ");
      return number(1);
    }
    return number(2);
  }
  std::chrono::month month() {
    for (unsigned i = 0; i < kMonths.size(); ++i) {
      if (text_.starts_with(kMonths[i])) {
        text_.remove_prefix(kMonths[i].size());
        return std::chrono::month{i + 1};
      }
    }
    fail();
    return std::chrono::month{0};
  }
  std::chrono::seconds time() {
    const unsigned hours = number(2);
    skip(":");
    const unsigned minutes = number(2);
    skip(":");
    const unsigned seconds = number(2);
    if (hours > 23 || minutes > 59 || seconds > 60) fail();
    return std::chrono::hours{hours} + std::chrono::minutes{minutes} +
           std::chrono::seconds{std::min(seconds, 59u)};  // a leap second is no moment of its own
  }

 private:
  void fail() { is_good_ = false; }

  std::string_view text_;
  bool is_good_ = true;
};

std::optional<base::WallTime> moment(unsigned year, std::chrono::month month, unsigned day,
                                     std::chrono::seconds time) {
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)}, month,
                                         std::chrono::day{day}};
  if (!date.ok() || year > kYearMax || year < 1700) return std::nullopt;
  return base::WallTime{std::chrono::sys_days{date}} + time;
}

int year_of(base::WallTime time) {
  const std::chrono::year_month_day date{floor<std::chrono::days>(time)};
  return static_cast<int>(date.year());
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", from after the comma.
std::optional<base::WallTime> parse_fixed(std::string_view text) {
  DateReader reader(text);
  reader.skip(" ");
  const unsigned day = reader.number(2);
  reader.skip(" ");
  const std::chrono::month month = reader.month();
  reader.skip(" ");
  const unsigned year = reader.number(4);
  reader.skip(" ");
  const std::chrono::seconds time = reader.time();
  reader.skip(" GMT");
  return reader.is_at_end() ? moment(year, month, day, time) : std::nullopt;
}

/// "Sunday, 06-Nov-94 08:49:37 GMT", from after the comma.
std::optional<base::WallTime> parse_rfc850(std::string_view text, base::WallTime now) {
  DateReader reader(text);
  reader.skip(" ");
  const unsigned day = reader.number(2);
  reader.skip("-");
  const std::chrono::month month = reader.month();
  reader.skip("-");
  const unsigned two_digits = reader.number(2);
  reader.skip(" ");
  const std::chrono::seconds time = reader.time();
  reader.skip(" GMT");
  const int this_year = year_of(now);
  int year = this_year - this_year % 100 + static_cast<int>(two_digits);
  if (year > this_year + 50) year -= 100;
  return reader.is_at_end() ? moment(static_cast<unsigned>(year), month, day, time) : std::nullopt;
}

/// "Sun Nov  6 08:49:37 1994", from after the day's name.
std::optional<base::WallTime> parse_asctime(std::string_view text) {
  DateReader reader(text);
  reader.skip(" ");
  const std::chrono::month month = reader.month();
  reader.skip(" ");
  const unsigned day = reader.padded_day();
  reader.skip(" ");
  const std::chrono::seconds time = reader.time();
  reader.skip(" ");
  const unsigned year = reader.number(4);
  return reader.is_at_end() ? moment(year, month, day, time) : std::nullopt;
}

}  // namespace

std::string format_date(base::WallTime time) {
  const auto days = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{floor<std::chrono::seconds>(time - days)};
  const std::chrono::weekday weekday{days};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<base::WallTime> parse_date(std::string_view text, base::WallTime now) {
  const bool has_day =
      std::ranges::any_of(kDays, [&](std::string_view day) { return text.starts_with(day); });
  if (!has_day) return std::nullopt;
  const size_t comma = text.find(',');
  if (comma == std::string_view::npos) return parse_asctime(text.substr(3));
  const std::string_view rest = text.substr(comma + 1);
  return comma == 3 ? parse_fixed(rest) : parse_rfc850(rest, now);
}

}  // namespace ticklake::http
