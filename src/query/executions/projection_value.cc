#include "query/executions/projection_value.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/result.h"
#include "base/split.h"
#include "base/trim.h"
#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using std::chrono::sys_days;
using std::chrono::year_month_day;

tl::unexpected<AthenaError> invalid(const std::string& property, const std::string& why) {
  return tl::unexpected(
      AthenaError{"INVALID_TABLE_PROPERTY",
                  "Table property '" + property + "' of partition projection " + why});
}

std::string_view trimmed(std::string_view text) { return base::trimmed(text, " "); }

std::optional<int64_t> integer_of(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::string parameter(const catalog::Parameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> parts;
  for (const std::string_view part : base::split(list, ','))
    parts.emplace_back(trimmed(part));
  return parts;
}

struct NamedUnit {
  std::string_view name;  ///< without an s behind
  DateUnit unit;
  int64_t seconds;  ///< 0 for those that differ in length
};
constexpr NamedUnit kUnits[] = {
    {"year", DateUnit::kYears, 0},       {"month", DateUnit::kMonths, 0},
    {"week", DateUnit::kWeeks, 604'800}, {"day", DateUnit::kDays, 86'400},
    {"hour", DateUnit::kHours, 3'600},   {"minute", DateUnit::kMinutes, 60},
    {"second", DateUnit::kSeconds, 1}};

const NamedUnit* unit_of(std::string_view text) {
  std::string name = to_lower(trimmed(text));
  if (name.ends_with('s')) name.pop_back();
  const auto* const found = std::ranges::find(kUnits, name, &NamedUnit::name);
  return found == std::end(kUnits) ? nullptr : found;
}
const NamedUnit& unit_of(DateUnit unit) {
  return *std::ranges::find(kUnits, unit, &NamedUnit::unit);
}

year_month_day date_of(int64_t seconds) {
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

int64_t months_of(int64_t seconds) {
  const year_month_day date = date_of(seconds);
  return int64_t{12} * static_cast<int>(date.year()) + static_cast<unsigned>(date.month()) - 1;
}

constexpr int64_t kSecondsOfDay = 86'400;
// The calendar's functions count years in 16 bits.
constexpr int64_t kYearMax = 9'999;
constexpr int64_t kSecondsMin = -62'167'219'200;  // of the year 0
constexpr int64_t kSecondsMax = 253'402'300'799;  // of the year 9999

/// `seconds` and so many units; the day of a shorter month is its last.
int64_t moved(int64_t seconds, int64_t count, const NamedUnit& unit) {
  if (unit.seconds != 0) return seconds + count * unit.seconds;
  const int64_t months = months_of(seconds) + (unit.unit == DateUnit::kYears ? 12 * count : count);
  const int64_t number =
      std::clamp<int64_t>((months >= 0 ? months : months - 11) / 12, 0, kYearMax);
  const std::chrono::year year(static_cast<int>(number));
  const std::chrono::month month(static_cast<unsigned>(((months % 12) + 12) % 12) + 1);
  year_month_day date{year, month, date_of(seconds).day()};
  if (!date.ok()) date = year / month / std::chrono::last;
  const int64_t of_day = ((seconds % kSecondsOfDay) + kSecondsOfDay) % kSecondsOfDay;
  return sys_days(date).time_since_epoch() / std::chrono::seconds(1) + of_day;
}

constexpr int64_t kMovedMax = 1'000'000'000;

/// `NOW`, `NOW-3YEARS`, `NOW + 1 DAY`.
std::optional<int64_t> relative_time(std::string_view text, base::WallTime now) {
  if (to_lower(text.substr(0, 3)) != "now") return std::nullopt;
  const int64_t seconds = base::to_unix_ms(now) / 1'000;
  text = trimmed(text.substr(3));
  if (text.empty()) return seconds;
  const bool is_before = text.front() == '-';
  if (!is_before && text.front() != '+') return std::nullopt;
  text = trimmed(text.substr(1));
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = integer_of(text.substr(0, digits));
  const NamedUnit* const unit = unit_of(text.substr(digits));
  if (!count || *count > kMovedMax || unit == nullptr) return std::nullopt;
  return std::clamp(moved(seconds, is_before ? -*count : *count, *unit), kSecondsMin, kSecondsMax);
}

}  // namespace

std::optional<DateFormat> DateFormat::parse(std::string_view pattern) {
  static constexpr std::pair<char, DateUnit> kLetters[] = {
      {'y', DateUnit::kYears}, {'M', DateUnit::kMonths},  {'d', DateUnit::kDays},
      {'H', DateUnit::kHours}, {'m', DateUnit::kMinutes}, {'s', DateUnit::kSeconds}};
  DateFormat format;
  bool has_letter = false;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '\'') {
      const size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos) return std::nullopt;
      // Two quotes are one.
      format.parts_.push_back(
          {0, 0, end == i + 1 ? "'" : std::string(pattern.substr(i + 1, end - i - 1))});
      i = end + 1;
      continue;
    }
    if (!is_letter) {
      format.parts_.push_back({0, 0, std::string(1, c)});
      ++i;
      continue;
    }
    const auto* const known = std::ranges::find(kLetters, c, &std::pair<char, DateUnit>::first);
    if (known == std::end(kLetters)) return std::nullopt;
    const size_t width = std::min(pattern.find_first_not_of(c, i), pattern.size()) - i;
    if (width != (c == 'y' ? 4U : 2U)) return std::nullopt;
    format.parts_.push_back({c, width});
    format.unit_ = std::max(format.unit_, known->second);
    has_letter = true;
    i += width;
  }
  if (!has_letter) return std::nullopt;
  return format;
}

std::optional<int64_t> DateFormat::seconds_of(std::string_view text) const {
  int64_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  for (const Part& part : parts_) {
    if (part.letter == 0) {
      if (!text.starts_with(part.text)) return std::nullopt;
      text.remove_prefix(part.text.size());
      continue;
    }
    const std::string_view digits = text.substr(0, part.width);
    if (digits.size() < part.width || digits.find_first_not_of("0123456789") != digits.npos) {
      return std::nullopt;
    }
    const int64_t number = *integer_of(digits);
    text.remove_prefix(part.width);
    switch (part.letter) {
      case 'y': year = number; break;
      case 'M': month = number; break;
      case 'd': day = number; break;
      case 'H': hour = number; break;
      case 'm': minute = number; break;
      default: second = number;
    }
  }
  const year_month_day date{std::chrono::year(static_cast<int>(year)),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!text.empty() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return sys_days(date).time_since_epoch() / std::chrono::seconds(1) + hour * 3'600 + minute * 60 +
         second;
}

size_t DateFormat::slashes() const {
  size_t count = 0;
  for (const Part& part : parts_)
    count += static_cast<size_t>(std::ranges::count(part.text, '/'));
  return count;
}

athena::Result<ProjectedKey> ProjectedKey::parse(const std::string& name,
                                                 const catalog::Parameters& parameters,
                                                 base::WallTime now) {
  const std::string prefix = "projection." + name + ".";
  const std::string type = to_lower(parameter(parameters, prefix + "type"));
  ProjectedKey key;
  if (type == "injected") return key;
  if (type == "enum") {
    key.type_ = Type::kEnum;
    key.values_ = split_list(parameter(parameters, prefix + "values"));
    if (key.values_ == std::vector<std::string>{""})
      return invalid(prefix + "values", "is missing");
    return key;
  }
  if (type == "integer") {
    TICKLAKE_TRY(key.parse_integer(prefix, parameters));
    return key;
  }
  if (type == "date") {
    TICKLAKE_TRY(key.parse_date(prefix, parameters, now));
    return key;
  }
  return invalid(prefix + "type",
                 type.empty() ? "is missing" : "is none of enum, integer, date, injected");
}

athena::Result<void> ProjectedKey::parse_integer(const std::string& prefix,
                                                 const catalog::Parameters& parameters) {
  type_ = Type::kInteger;
  const auto range = split_list(parameter(parameters, prefix + "range"));
  const auto min = integer_of(range.front());
  const auto max = integer_of(range.back());
  if (range.size() != 2 || !min || !max || *min > *max) {
    return invalid(prefix + "range", "must be two integers, as in 0,23");
  }
  min_ = *min;
  max_ = *max;
  const std::string interval = parameter(parameters, prefix + "interval");
  const std::string digits = parameter(parameters, prefix + "digits");
  interval_ = interval.empty() ? 1 : integer_of(trimmed(interval)).value_or(0);
  if (interval_ < 1) return invalid(prefix + "interval", "must be an integer from 1 on");
  constexpr int64_t kDigitsMax = 19;
  const int64_t width = digits.empty() ? 0 : integer_of(trimmed(digits)).value_or(-1);
  if (width < 0 || width > kDigitsMax) return invalid(prefix + "digits", "must be from 0 to 19");
  digits_ = static_cast<size_t>(width);
  return {};
}

athena::Result<void> ProjectedKey::parse_date(const std::string& prefix,
                                              const catalog::Parameters& parameters,
                                              base::WallTime now) {
  type_ = Type::kDate;
  format_ = DateFormat::parse(parameter(parameters, prefix + "format"));
  if (!format_) {
    return invalid(prefix + "format",
                   "must be made of yyyy, MM, dd, HH, mm, ss and text, as in yyyy-MM-dd");
  }
  const auto range = split_list(parameter(parameters, prefix + "range"));
  const auto time_of = [&](const std::string& text) {
    const auto relative = relative_time(text, now);
    return relative ? relative : format_->seconds_of(text);
  };
  const auto min = time_of(range.front());
  const auto max = time_of(range.back());
  if (range.size() != 2 || !min || !max) {
    return invalid(prefix + "range",
                   "must be two dates in its format, or NOW and a duration, as "
                   "in 2026-01-31,NOW+1DAYS");
  }
  min_ = *min;
  max_ = *max;
  const std::string interval = parameter(parameters, prefix + "interval");
  const std::string unit = parameter(parameters, prefix + "interval.unit");
  interval_ = interval.empty() ? 1 : integer_of(trimmed(interval)).value_or(0);
  if (interval_ < 1) return invalid(prefix + "interval", "must be an integer from 1 on");
  unit_ = format_->unit();
  if (unit.empty()) return {};
  const NamedUnit* const named = unit_of(unit);
  if (named == nullptr) return invalid(prefix + "interval.unit", "must be DAYS, HOURS, MONTHS …");
  unit_ = named->unit;
  return {};
}

bool ProjectedKey::contains(std::string_view value) const {
  switch (type_) {
    case Type::kInjected: return true;
    case Type::kEnum: return std::ranges::find(values_, value) != values_.end();
    case Type::kDate: return contains_date(value);
    case Type::kInteger: break;
  }
  const auto number = integer_of(value);
  if (!number || *number < min_ || *number > max_ || (*number - min_) % interval_ != 0)
    return false;
  const bool is_negative = value.starts_with('-');
  const std::string_view digits = value.substr(is_negative ? 1 : 0);
  const bool is_padded = digits.size() > 1 && digits.starts_with('0');
  return digits_ == 0 ? !is_padded
                      : digits.size() == digits_ || (digits.size() > digits_ && !is_padded);
}

bool ProjectedKey::contains_date(std::string_view value) const {
  const auto seconds = format_->seconds_of(value);
  if (!seconds) return false;
  // A range of times begins and ends within units: NOW is some moment of today.
  const NamedUnit& finest = unit_of(format_->unit());
  const auto unit_number = [&](int64_t time, const NamedUnit& unit) -> int64_t {
    if (unit.unit == DateUnit::kYears) return months_of(time) / 12;
    if (unit.unit == DateUnit::kMonths) return months_of(time);
    return time >= 0 ? time / unit.seconds : (time - unit.seconds + 1) / unit.seconds;
  };
  if (unit_number(*seconds, finest) < unit_number(min_, finest) || *seconds > max_) return false;
  if (interval_ == 1 && unit_ >= format_->unit()) return true;
  const NamedUnit& unit = unit_of(unit_);
  const bool is_calendar = unit.seconds == 0;
  const int64_t steps = is_calendar ? unit_number(*seconds, unit) - unit_number(min_, unit)
                                    : (*seconds - min_) / unit.seconds;
  // Only what a walk from the beginning of the range comes to.
  return steps % interval_ == 0 &&
         unit_number(moved(min_, steps, unit), finest) == unit_number(*seconds, finest);
}

}  // namespace ticklake::query::executions
