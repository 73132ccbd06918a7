#include "feed/time_format.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "market/time_text.h"

namespace ticklake::feed {
namespace {

using market::CivilTime;
using market::take_number;

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

// Formats that detection knows. ISO first: it is by far the most frequent.
constexpr std::array<std::string_view, 21> kPlainFormats = {"iso",
                                                            "%Y/%m/%d",
                                                            "%Y/%m/%d %T",
                                                            "%Y%m%d",
                                                            "%d-%b-%Y",
                                                            "%Y.%m.%d",
                                                            "%Y.%m.%d %T",
                                                            "%Y%m%d %T",
                                                            "%Y%m%d %H%M%S",
                                                            "%d-%b-%Y %T",
                                                            "%d-%b-%y",
                                                            "%d %b %Y",
                                                            "%d %b %Y %T",
                                                            "%b %d, %Y",
                                                            "%b %d, %Y %T",
                                                            "%Y-%m-%d %H:%M:%S%z",
                                                            "%Y-%m-%dT%H:%M:%S%z",
                                                            "%Y-%m-%d %T %z",
                                                            "%Y-%m-%d %I:%M:%S %p",
                                                            "%Y-%m-%d %I:%M %p",
                                                            "%b %d, %Y %I:%M:%S %p"};
/// What may follow on a day and a month that could be swapped.
constexpr std::array<std::string_view, 6> kTails = {
    "", " %T", " %T %z", " %I:%M:%S %p", " %I:%M %p", ", %I:%M:%S %p"};
constexpr std::string_view kSeparators = "/-.";
constexpr size_t kDateDigits = 8;

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_month_name(std::string_view& text, int& month) {
  constexpr size_t kShort = 3, kLongest = 9;
  std::string name(text.substr(0, kLongest));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::string_view start = std::string_view(name).substr(0, kShort);
  const auto* const found =
      std::find_if(kMonths.begin(), kMonths.end(),
                   [&](std::string_view full) { return full.substr(0, kShort) == start; });
  if (start.size() < kShort || found == kMonths.end()) return false;
  month = static_cast<int>(found - kMonths.begin()) + 1;
  text.remove_prefix(name.starts_with(*found) ? found->size() : kShort);
  return true;
}

/// Takes AM or PM off, in whatever case.
bool take_half(std::string_view& text, CivilTime& civil) {
  if (text.size() < 2 || (text[1] != 'M' && text[1] != 'm')) return false;
  const bool is_afternoon = text[0] == 'P' || text[0] == 'p';
  if (!is_afternoon && text[0] != 'A' && text[0] != 'a') return false;
  constexpr int kNoon = 12;
  if (civil.hour < 1 || civil.hour > kNoon) return false;
  civil.hour = civil.hour % kNoon + (is_afternoon ? kNoon : 0);
  text.remove_prefix(2);
  return true;
}

bool take_fraction(std::string_view& text, CivilTime& civil) {
  constexpr int kDigits = 9;
  int digits = 0;
  civil.nanosecond = 0;
  for (; digits < kDigits && !text.empty() && text[0] >= '0' && text[0] <= '9'; ++digits) {
    civil.nanosecond = civil.nanosecond * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  for (int i = digits; i < kDigits; ++i)
    civil.nanosecond *= 10;
  return digits > 0;
}

bool take_two_digit_year(std::string_view& text, int& year) {
  if (!take_number(text, 2, 2, year)) return false;
  year += year < 69 ? 2000 : 1900;  // as POSIX strptime
  return true;
}

bool take_seconds(std::string_view& text, CivilTime& civil) {
  if (!take_number(text, 2, 2, civil.second)) return false;
  if (!text.starts_with('.')) return true;
  text.remove_prefix(1);
  return take_fraction(text, civil);
}

bool take_zone(std::string_view& text, CivilTime& civil) {
  civil.offset_minutes = 0;
  if (take(text, 'Z') || take(text, 'z')) return true;
  if (text.starts_with("UTC") || text.starts_with("GMT")) {
    text.remove_prefix(3);
    if (text.empty()) return true;
  }
  const bool negative = text.starts_with('-');
  if (!take(text, '+') && !take(text, '-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, 2, hours)) return false;
  const bool has_colon = take(text, ':');
  if (!take_number(text, 2, 2, minutes) && has_colon) return false;
  if (hours > 23 || minutes > 59) return false;
  civil.offset_minutes = (negative ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

bool take_conversion(char conversion, bool is_packed, std::string_view& text, CivilTime& civil) {
  const size_t digits_min = is_packed ? 2 : 1;  // %Y%m%d has no separators to tell by
  switch (conversion) {
    case 'Y': return take_number(text, 4, 4, civil.year);
    case 'y': return take_two_digit_year(text, civil.year);
    case 'm': return take_number(text, digits_min, 2, civil.month);
    case 'd': return take_number(text, digits_min, 2, civil.day);
    case 'b':
    case 'B': return take_month_name(text, civil.month);
    case 'p': return take_half(text, civil);
    case 'f': return take_fraction(text, civil);
    case 'I':
    case 'H': return take_number(text, digits_min, 2, civil.hour);
    case 'M': return take_number(text, 2, 2, civil.minute);
    case 'S': return take_seconds(text, civil);
    case 'T': return market::take_time_of_day(text, civil);
    case 'z': return take_zone(text, civil);
    case '%': return take(text, '%');
    default: return false;
  }
}

std::optional<base::WallTime> read_pattern(std::string_view pattern, std::string_view text) {
  CivilTime civil;
  const bool is_packed = pattern.starts_with("%Y%m");
  while (!pattern.empty()) {
    const char c = pattern[0];
    pattern.remove_prefix(1);
    if (c == '%' && !pattern.empty()) {
      if (!take_conversion(pattern[0], is_packed, text, civil)) return std::nullopt;
      pattern.remove_prefix(1);
    } else if (!take(text, c)) {
      return std::nullopt;
    }
  }
  return text.empty() ? market::to_wall_time(civil) : std::nullopt;
}

std::optional<base::WallTime> read_iso(std::string_view text) {
  CivilTime civil;
  if (!take_number(text, 4, 4, civil.year) || !take(text, '-') ||
      !take_number(text, 2, 2, civil.month) || !take(text, '-') ||
      !take_number(text, 2, 2, civil.day)) {
    return std::nullopt;
  }
  if (!text.empty()) {
    if (text[0] != 'T' && text[0] != 't' && text[0] != ' ') return std::nullopt;
    text.remove_prefix(1);
    if (!market::take_time_of_day(text, civil) || !text.empty()) return std::nullopt;
  }
  return market::to_wall_time(civil);
}

std::optional<base::WallTime> read_unix(std::string_view text, int64_t unit_ns) {
  int64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, whole);
  int64_t nanoseconds = 0;
  if (error != std::errc{} || __builtin_mul_overflow(whole, unit_ns, &nanoseconds))
    return std::nullopt;
  if (after == end) return base::WallTime{std::chrono::nanoseconds{nanoseconds}};
  if (*after != '.') return std::nullopt;
  int64_t digit_ns = unit_ns;
  for (const char* at = after + 1; at != end; ++at) {
    if (*at < '0' || *at > '9') return std::nullopt;
    digit_ns /= 10;
    if (digit_ns == 0 && *at != '0') return std::nullopt;  // finer than can be kept
    const int64_t part = digit_ns * (*at - '0');
    if (__builtin_add_overflow(nanoseconds, text.starts_with('-') ? -part : part, &nanoseconds))
      return std::nullopt;
  }
  return base::WallTime{std::chrono::nanoseconds{nanoseconds}};
}

/// By its number of digits: s, ms, us or ns since 1970, as dates from 2001 to 2286 have them.
std::string_view unix_format(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  if (whole.empty() ||
      !std::all_of(whole.begin(), whole.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return {};
  }
  switch (whole.size()) {
    case 10: return "s";
    case 13: return "ms";
    case 16: return "us";
    case 19: return "ns";
    default: return {};
  }
}

/// Whether a time ends in Z, UTC, GMT or an offset, whose sign stands behind the day.
bool names_a_zone(std::string_view text) {
  for (const std::string_view zone : {"Z", "z", "UTC", "GMT"})
    if (text.ends_with(zone)) return true;
  const size_t day_ends = text.find_last_of(" T");
  return day_ends != std::string_view::npos &&
         text.find_first_of("+-", day_ends) != std::string_view::npos;
}

TimeFormat known(std::string_view text) { return std::move(TimeFormat::parse(text).value()); }

}  // namespace

base::Result<TimeFormat> TimeFormat::parse(std::string_view text) {
  TimeFormat format;
  format.text_ = text;
  if (text == "iso") return format;
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1000}, {"ns", 1}};
  for (const auto& [name, unit_ns] : kUnits) {
    if (text != name) continue;
    format.kind_ = Kind::kUnix;
    format.unit_ns_ = unit_ns;
    return format;
  }
  format.kind_ = Kind::kPattern;
  bool has_year = false;
  for (size_t at = text.find('%'); at < text.size(); at = text.find('%', at + 2)) {
    const char conversion = at + 1 < text.size() ? text[at + 1] : '\0';
    has_year |= conversion == 'Y' || conversion == 'y';
    if (std::string_view("YymdbBHIMpfSTz%").find(conversion) != std::string_view::npos) continue;
    has_year = false;
    break;
  }
  if (has_year) return format;
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "--time-format '" + std::string(text) + "' is not a format", {},
                    "give iso, s, ms, us, ns, or a pattern with a year such as '%d/%m/%Y %H:%M:%S' "
                    "(%Y %y %m %b %B %d %H %I %M %S %f %p %T %z)");
}

bool TimeFormat::has_time_of_day() const {
  if (kind_ != Kind::kPattern) return true;
  for (const std::string_view conversion : {"%H", "%I", "%T"})
    if (text_.find(conversion) != std::string::npos) return true;
  return false;
}

std::optional<base::WallTime> TimeFormat::read(std::string_view text) const {
  if (kind_ == Kind::kUnix) return read_unix(text, unit_ns_);
  auto time = kind_ == Kind::kIso ? read_iso(text) : read_pattern(text_, text);
  constexpr size_t kIsoDateBytes = 10;
  // A day is the same day wherever it was written down.
  const bool is_day = kind_ == Kind::kIso ? text.size() <= kIsoDateBytes : !has_time_of_day();
  if (time && !is_day && offset_ != std::chrono::minutes::zero() && !names_a_zone(text))
    *time -= offset_;
  return time;
}

void TimeFormatDetector::show(std::string_view value, uint64_t line) {
  if (value.empty()) return;
  if (!first_) first_ = Example{line, std::string(value)};
  for (const std::string_view plain : kPlainFormats) {
    if (!candidates_.empty() && candidates_.front().fits > 0) break;
    if (value.size() != kDateDigits && plain == "%Y%m%d") continue;
    if (known(plain).read(value)) candidates_.push_back({known(plain), 0});
    if (!candidates_.empty()) break;
  }
  if (candidates_.empty()) {
    if (const std::string_view format = unix_format(value); !format.empty())
      candidates_.push_back({known(format), 0});
  }
  if (candidates_.empty()) {
    for (const char separator : kSeparators) {
      for (const std::string_view tail : kTails) {
        for (const char year : {'Y', 'y'}) {
          const std::string day_first = fmt::format("%d{0}%m{0}%{1}{2}", separator, year, tail);
          const std::string month_first = fmt::format("%m{0}%d{0}%{1}{2}", separator, year, tail);
          if (!known(day_first).read(value) && !known(month_first).read(value)) continue;
          candidates_ = {{known(day_first), 0}, {known(month_first), 0}};
        }
      }
    }
  }
  if (candidates_.empty()) return;
  std::array<bool, 2> fits{};
  for (size_t i = 0; i < candidates_.size(); ++i) {
    fits[i] = candidates_[i].format.read(value).has_value();
    candidates_[i].fits += fits[i] ? 1 : 0;
  }
  if (candidates_.size() < 2) return;
  std::optional<Example>* const where = fits[0] && fits[1] ? &undecided_
                                        : fits[0]          ? &day_first_
                                        : fits[1]          ? &month_first_
                                                           : nullptr;
  if (where != nullptr && !*where) *where = Example{line, std::string(value)};
}

bool TimeFormatDetector::wants_more() const {
  // One that can be read in one way only needs no second opinion; a day and a month that could be
  // swapped need the whole file, also to find lines that contradict one another.
  return candidates_.size() != 1;
}

base::Result<TimeFormat> TimeFormatDetector::decide() const {
  const std::string advice =
      "state it: --time-format '%m/%d/%Y' or '%d/%m/%Y' or another pattern, "
      "or choose another column with --time-column";
  if (candidates_.empty()) {
    if (!first_) return known("iso");  // a column without a value
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("the times in column '{}' are in no known format", column_),
                      fmt::format("line {} has '{}'", first_->line, first_->text), advice);
  }
  if (candidates_.size() == 1) return candidates_[0].format;
  const std::string& day_first = candidates_[0].format.text();
  const std::string& month_first = candidates_[1].format.text();
  if (day_first_ && month_first_) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("the dates in column '{}' contradict one another", column_),
        fmt::format(
            "line {} has '{}', which can only be {}; line {} has '{}', which can only be {}",
            day_first_->line, day_first_->text, day_first, month_first_->line, month_first_->text,
            month_first),
        fmt::format("state which holds with --time-format '{}' or '{}'; the other lines are then "
                    "kept aside",
                    day_first, month_first));
  }
  if (day_first_) return candidates_[0].format;
  if (month_first_) return candidates_[1].format;
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("the dates in column '{}' are ambiguous", column_),
      fmt::format("line {} has '{}', and no line tells which is the day and which the month",
                  undecided_->line, undecided_->text),
      fmt::format("say which with --time-format '{}' or --time-format '{}'", day_first,
                  month_first));
}

}  // namespace ticklake::feed
