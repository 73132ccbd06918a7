#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lake/schema.h"

namespace ticklake::table {

/// "YYYY-MM-DD", a day that exists, years 0001 to 9999: days since 1970.
std::optional<int32_t> parse_day(std::string_view text);

/// A moment as a text gives it, to the nanosecond.
struct TextTime {
  int64_t microseconds = 0;  ///< since 1970, UTC
  int32_t nanoseconds = 0;   ///< on top of those: 0 to 999
  int fraction_digits = 0;   ///< as written: 0 to 9

  /// Whether TIMESTAMP_NS has it: the years 1678 to 2261.
  bool fits_nanoseconds() const;
  /// Since 1970, if fits_nanoseconds().
  int64_t in_nanoseconds() const { return microseconds * 1'000 + nanoseconds; }
  /// TIMESTAMP for up to six digits; TIMESTAMP_NS for more, or VARCHAR where that does not have it.
  lake::ColumnType type() const;
};

/// "YYYY-MM-DD" then 'T' or ' ' then "HH:MM", "HH:MM:SS" or "HH:MM:SS.f" with at most nine digits,
/// then nothing (UTC), 'Z' or "±HH:MM". None for anything else, also for more digits: a time is
/// never cut short, such a text stays text.
std::optional<TextTime> parse_time(std::string_view text);

inline constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;

}  // namespace ticklake::table
