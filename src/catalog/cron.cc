#include "catalog/cron.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

#include "base/split.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

struct Field {
  const char* name;
  int min;
  int max;
};
constexpr Field kShape[] = {{"minutes", 0, 59}, {"hours", 0, 23},      {"day-of-month", 1, 31},
                            {"month", 1, 12},   {"day-of-week", 1, 7}, {"year", 1970, 2199}};
constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int kMinutesMin = 5;

std::optional<int> number_of(std::string_view text, const Field& field) {
  for (size_t i = 0; i < std::size(kMonths) && field.max == 12; ++i) {
    if (text == kMonths[i]) return static_cast<int>(i) + 1;
  }
  for (size_t i = 0; i < std::size(kDays) && field.max == 7; ++i) {
    if (text == kDays[i]) return static_cast<int>(i) + 1;
  }
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number < field.min || number > field.max) return std::nullopt;
  return number;
}

struct Range {
  int first, last, step;
};

/// `*`, `5`, `1-5`, `*/15`, `0/15`.
std::optional<Range> range_of(std::string_view text, const Field& field) {
  const auto parts = base::split(text, '/');
  if (parts.size() > 2) return std::nullopt;
  Range range{field.min, field.max, 1};
  if (parts[0] != "*" && parts[0] != "?") {
    const auto ends = base::split(parts[0], '-');
    const auto first = number_of(ends[0], field);
    const auto last = ends.size() == 2 ? number_of(ends[1], field) : first;
    if (ends.size() > 2 || !first || !last || *first > *last) return std::nullopt;
    range.first = *first;
    range.last = parts.size() == 2 && ends.size() == 1 ? field.max : *last;
  }
  if (parts.size() == 2) {
    const auto [end, error] =
        std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), range.step);
    const bool is_whole = end == parts[1].data() + parts[1].size();
    if (error != std::errc() || !is_whole || range.step < 1) return std::nullopt;
  }
  return range;
}

}  // namespace

tl::expected<Cron, std::string> Cron::parse(std::string_view text) {
  const std::string lower = folded(text);
  if (!lower.starts_with("cron(") || !lower.ends_with(")")) {
    return tl::unexpected(
        std::string("it must be cron(Minutes Hours Day-of-month Month "
                    "Day-of-week Year)"));
  }
  std::vector<std::string_view> fields;
  for (const std::string_view part :
       base::split(std::string_view(lower).substr(5, lower.size() - 6), ' '))
    if (!part.empty()) fields.push_back(part);
  if (fields.size() != kFields) return tl::unexpected(std::string("it must have six fields"));
  Cron cron;
  for (size_t i = 0; i < kFields; ++i) {
    const int base = i == 5 ? kYearMin : 0;
    for (const std::string_view part : base::split(fields[i], ',')) {
      const auto range = range_of(part, kShape[i]);
      if (!range) {
        return tl::unexpected(std::string("'") + std::string(part) + "' is no value of its " +
                              kShape[i].name + " field here");
      }
      for (int value = range->first; value <= range->last; value += range->step)
        cron.allowed_[i].set(static_cast<size_t>(value - base));
    }
  }
  int previous = -60;
  for (int minute = 0; minute < 60; ++minute) {
    if (!cron.allowed_[0].test(static_cast<size_t>(minute))) continue;
    if (minute - previous < kMinutesMin) {
      return tl::unexpected(std::string("it is more often than every five minutes"));
    }
    previous = minute;
  }
  return cron;
}

bool Cron::is_due(base::WallTime time) const {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<minutes>(time - day));
  const int year = static_cast<int>(date.year()) - kYearMin;
  if (year < 0 || year >= static_cast<int>(kBits)) return false;
  return allowed_[0].test(static_cast<size_t>(clock.minutes().count())) &&
         allowed_[1].test(static_cast<size_t>(clock.hours().count())) &&
         allowed_[2].test(static_cast<unsigned>(date.day())) &&
         allowed_[3].test(static_cast<unsigned>(date.month())) &&
         allowed_[4].test(weekday(day).c_encoding() + 1) &&
         allowed_[5].test(static_cast<size_t>(year));
}

}  // namespace ticklake::catalog
