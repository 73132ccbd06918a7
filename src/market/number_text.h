#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "market/column_type.h"

namespace ticklake::market {

__extension__ typedef __int128 Int128;  // as wide as the widest decimal

/// A number of JSON by its digits: ±digits · 10^-scale, without zeros that do not change it.
struct NumberText {
  bool is_negative = false;
  bool is_integer = true;  ///< written without a point and an exponent
  bool is_cut = false;     ///< it has more digits than `digits` has room for
  uint8_t size = 0;        ///< of `digits`; 0 for zero
  int64_t scale = 0;       ///< may be negative: 1e3 is (1, -3)
  std::array<char, kDecimalWidthMax> digits{};

  int64_t whole_digits() const { return size > scale ? size - scale : 0; }
  int64_t fraction_digits() const { return scale > 0 ? scale : 0; }
};

/// Reads `token`, which a JSON parser has found to be a number.
NumberText parse_number(std::string_view token);

/// Whether the double nearest to it, printed as short as it can be, has the very same digits.
bool fits_double(const NumberText& number);

/// Whether it is held to the digit by a double and by kWidestDecimal (Digits::kFew).
bool has_few_digits(const NumberText& number);

/// As a decimal's whole number of 10^-scale; none if `decimal` has no room for all digits.
std::optional<Int128> to_scaled(const NumberText& number, ColumnType decimal);

/// The narrowest type for one number: BIGINT; DOUBLE if that gives the digits back, a DECIMAL
/// otherwise; VARCHAR beyond 38 digits. Of the decimals it takes few, so that one more digit
/// rarely makes another type: (20,0), (38,0), kWidestDecimal, and (38,n) with more digits behind
/// the point.
ColumnType type_of_number(const NumberText& number);

}  // namespace ticklake::market
