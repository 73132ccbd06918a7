#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace ticklake::aws {

/// `20261129T143000Z`, as signatures carry it; of seconds.
std::string to_basic_time(base::WallTime time);
std::optional<base::WallTime> parse_basic_time(std::string_view text);

/// `2026-11-29T14:30:00Z`, as IAM and STS print times.
std::string to_iso_time(base::WallTime time);
/// `2026-11-29T14:30:00.000Z`, as S3 prints them.
std::string to_iso_time_ms(base::WallTime time);
/// W3C's profile of ISO 8601, as policies have it: a date, or a date and a time with or without
/// seconds and fraction, and `Z` or an offset (`+02:00`).
std::optional<base::WallTime> parse_iso_time(std::string_view text);

}  // namespace ticklake::aws
