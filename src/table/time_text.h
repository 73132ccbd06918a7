#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ticklake::table {

/// "YYYY-MM-DD", a day that exists, years 0001 to 9999: days since 1970.
std::optional<int32_t> parse_day(std::string_view text);

/// "YYYY-MM-DD" then 'T' or ' ' then "HH:MM", "HH:MM:SS" or "HH:MM:SS.f" with at most six digits,
/// then nothing (UTC), 'Z' or "±HH:MM": microseconds since 1970, UTC. None for anything else,
/// also for more digits: a time is never cut short, such a text stays text.
std::optional<int64_t> parse_timestamp(std::string_view text);

inline constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;

}  // namespace ticklake::table
