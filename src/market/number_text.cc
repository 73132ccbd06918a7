#include "market/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace ticklake::market {
namespace {

/// Any text of so many significant digits survives the way to a double and back…
constexpr int kDoubleDigitsMin = 15;
/// …and none of more than so many.
constexpr int kDoubleDigitsMax = 17;
/// Well inside what a double's exponent can say.
constexpr int64_t kExponentMax = 300;
/// Beyond this a token's exponent says no more.
constexpr int64_t kWrittenExponentMax = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int64_t parse_exponent(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  int64_t exponent = 0;
  for (const char c : text) {
    if (is_digit(c)) exponent = std::min(exponent * 10 + (c - '0'), kWrittenExponentMax);
  }
  return is_negative ? -exponent : exponent;
}

Int128 power_of_ten(int64_t exponent) {
  Int128 power = 1;
  for (int64_t i = 0; i < exponent; ++i)
    power *= 10;
  return power;
}

bool is_bigint(const NumberText& number) {
  constexpr int kBigintDigits = 19;
  if (!number.is_integer || number.whole_digits() > kBigintDigits) return false;
  const auto value = to_scaled(number, ColumnType::decimal(kBigintDigits, 0));
  return value && *value >= INT64_MIN && *value <= INT64_MAX;
}

}  // namespace

NumberText parse_number(std::string_view token) {
  NumberText number;
  int64_t zeros = 0;  // behind the last digit that was kept
  bool behind_point = false;
  for (size_t i = 0; i < token.size(); ++i) {
    const char c = token[i];
    if (c == '-') {
      number.is_negative = true;
    } else if (c == '.') {
      number.is_integer = false;
      behind_point = true;
    } else if (c == 'e' || c == 'E') {
      number.is_integer = false;
      number.scale -= parse_exponent(token.substr(i + 1));
      break;
    } else if (is_digit(c)) {
      if (behind_point) ++number.scale;
      if (c == '0') {
        if (number.size > 0) ++zeros;
        continue;
      }
      for (; zeros > 0 && number.size < kDecimalWidthMax; --zeros)
        number.digits[number.size++] = '0';
      if (number.size == kDecimalWidthMax) {
        number.is_cut = true;
        zeros = 0;
      } else {
        number.digits[number.size++] = c;
      }
    }
  }
  number.scale -= zeros;
  if (number.size == 0) number.scale = 0;
  return number;
}

bool fits_double(const NumberText& number) {
  if (number.size == 0) return true;
  if (number.is_cut || number.size > kDoubleDigitsMax) return false;
  const int64_t exponent = number.size - number.scale - 1;
  if (number.size <= kDoubleDigitsMin && std::abs(exponent) < kExponentMax) return true;
  if (std::abs(exponent) > kExponentMax + kDoubleDigitsMax + 30) return false;
  // 0.d…e…: compared with what the shortest text of the double is, in the same form.
  std::string text(number.digits.data(), number.size);
  text.insert(1, ".");
  text += "e" + std::to_string(exponent);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || !std::isfinite(value)) return false;
  std::array<char, 40> printed{};
  const auto written = std::to_chars(printed.data(), printed.data() + printed.size(), value,
                                     std::chars_format::scientific);
  const NumberText again = parse_number({printed.data(), written.ptr});
  return again.size == number.size && again.scale == number.scale && again.digits == number.digits;
}

bool has_few_digits(const NumberText& number) {
  return number.whole_digits() <= kWidestDecimal.width - kWidestDecimal.scale &&
         number.fraction_digits() <= kWidestDecimal.scale && fits_double(number);
}

std::optional<Int128> to_scaled(const NumberText& number, ColumnType decimal) {
  if (number.is_cut || number.fraction_digits() > decimal.scale ||
      number.whole_digits() > decimal.width - decimal.scale) {
    return std::nullopt;
  }
  Int128 value = 0;
  for (uint8_t i = 0; i < number.size; ++i)
    value = value * 10 + (number.digits[i] - '0');
  if (number.size > 0) value *= power_of_ten(decimal.scale - number.scale);
  return number.is_negative ? -value : value;
}

ColumnType type_of_number(const NumberText& number) {
  const Digits digits = has_few_digits(number) ? Digits::kFew : Digits::kMany;
  if (is_bigint(number)) return {ColumnType::kBigint, digits};
  if (!number.is_integer && fits_double(number)) return {ColumnType::kDouble, digits};
  const int64_t whole = number.whole_digits();
  const int64_t fraction = number.fraction_digits();
  if (number.is_cut || whole + fraction > kDecimalWidthMax) return ColumnType::kVarchar;
  const int wide = kWidestDecimal.width - kWidestDecimal.scale;
  if (fraction == 0) return whole <= wide ? ColumnType::decimal(20, 0) : ColumnType::decimal(38, 0);
  if (whole <= wide && fraction <= kWidestDecimal.scale) return kWidestDecimal;
  return ColumnType::decimal(kDecimalWidthMax, static_cast<uint8_t>(fraction));
}

}  // namespace ticklake::market
