#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace ticklake::market {

/// A moment as people write it, in parts.
struct CivilTime {
  int year = 1970, month = 1, day = 1;
  int hour = 0, minute = 0, second = 0;  ///< second 60 (a leap second) is the next minute's 0
  int nanosecond = 0;
  int offset_minutes = 0;  ///< east of UTC
};

/// None if there is no such day or time, or it lies outside 1678 to 2261 (64 bits of nanoseconds).
std::optional<base::WallTime> to_wall_time(const CivilTime& civil);

/// Reads HH:MM[:SS[.f…]][Z|±HH:MM|±HHMM] (0 to 9 fraction digits; no zone is UTC) from the front of
/// `text` into `civil` and takes it off; false if there is none.
bool take_time_of_day(std::string_view& text, CivilTime& civil);
/// Takes `digits_min` to `digits_max` decimal digits off the front of `text`; false if there are
/// fewer.
bool take_number(std::string_view& text, size_t digits_min, size_t digits_max, int& value);

/// RFC 3339 in full: 2026-11-24T00:15:03[.123456789](Z|±HH:MM); T may be t or a space, Z may be z.
std::optional<base::WallTime> parse_rfc3339(std::string_view text);

inline constexpr size_t kRfc3339BytesMax = 30;
/// Writes `time` in UTC with exactly `fraction_digits` (0 to 9, the rest cut off) to `to`, which
/// has room for kRfc3339BytesMax; gives the end.
char* write_rfc3339(char* to, base::WallTime time, int fraction_digits);
std::string to_rfc3339(base::WallTime time, int fraction_digits);

}  // namespace ticklake::market
