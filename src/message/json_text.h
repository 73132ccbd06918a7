#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ticklake::message {

// How values of typed messages are written as JSON. A column's type follows from how its values
// look, so each kind of value always looks the same.

/// In quotes, with escapes. False, having added nothing, if `text` is not UTF-8.
[[nodiscard]] bool append_string(std::string& json, std::string_view text);
/// RFC 4648, section 4, in quotes.
void append_base64(std::string& json, std::string_view bytes);
void append_integer(std::string& json, int64_t value);
void append_integer(std::string& json, uint64_t value);
/// The shortest text that reads back as the same number, always with a fraction or an exponent;
/// null for NaN and infinities, which JSON does not have.
void append_real(std::string& json, double value);
void append_real(std::string& json, float value);

/// The number that `bytes`, big-endian in two's complement, are in units of 10 to the -`scale`:
/// with every digit, "-12.3400". False if there are too many of them (kDecimalBytesMax) or `scale`
/// is outside 0 to kScaleMax.
[[nodiscard]] bool append_decimal(std::string& json, std::string_view bytes, int64_t scale);
inline constexpr size_t kDecimalBytesMax = 64;
inline constexpr int64_t kScaleMax = 1'000;

/// "2026-11-24" in quotes for days since 1970-01-01; the number if the year is not one of 1 to
/// 9999.
void append_date(std::string& json, int64_t days);
/// "00:15:03.123" in quotes for a time of day in units of 10 to the -`digits` seconds; the number
/// if it is not within a day.
void append_time_of_day(std::string& json, int64_t value, int digits);
/// RFC 3339 in quotes, with `digits` (0 to 9) digits after the second, for units of 10 to the
/// -`digits` seconds since 1970; `zone` is "Z", or empty for a local time. The number if the year
/// is not one of 1 to 9999.
void append_timestamp(std::string& json, int64_t value, int digits, std::string_view zone);

}  // namespace ticklake::message
