// Java's texts of floating numbers, which are also Trino's.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "query/athena/native_functions.h"

namespace ticklake::query::athena {
namespace {

/// The shortest digits that read back as the number, without zeros around them, and the power of
/// ten of the first.
struct Digits {
  std::string digits;
  int exponent;
};

template <typename Float>
Digits digits_of(Float value) {
  const std::string shortest = fmt::format("{}", value);
  const size_t mark = std::min(shortest.find('e'), shortest.size());
  const int shift = mark == shortest.size() ? 0 : std::atoi(shortest.c_str() + mark + 1);
  const std::string mantissa = shortest.substr(0, mark);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  const size_t first = mantissa.find_first_of("123456789");
  Digits out;
  out.exponent = shift + (first < point ? static_cast<int>(point - first) - 1
                                        : static_cast<int>(point) - static_cast<int>(first));
  for (const char c : mantissa.substr(first)) {
    if (c != '.') out.digits += c;
  }
  while (out.digits.size() > 1 && out.digits.back() == '0')
    out.digits.pop_back();
  return out;
}

template <typename Float>
std::string special_text(Float value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

template <typename Float>
std::string scientific(Float value) {
  if (!std::isfinite(value)) return special_text(value);
  if (value == 0) return std::signbit(value) ? "-0E0" : "0E0";
  const Digits digits = digits_of(std::abs(value));
  const std::string fraction = digits.digits.size() > 1 ? digits.digits.substr(1) : "0";
  return (value < 0 ? "-" : "") + digits.digits.substr(0, 1) + "." + fraction + "E" +
         std::to_string(digits.exponent);
}

template <typename Float>
std::string java(Float value) {
  if (!std::isfinite(value)) return special_text(value);
  const Float size = std::abs(value);
  if (size != 0 && (size < static_cast<Float>(1e-3) || size >= static_cast<Float>(1e7))) {
    return scientific(value);
  }
  std::string text = fmt::format("{}", value);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string scientific_text(double value) { return scientific(value); }
std::string scientific_text(float value) { return scientific(value); }
std::string java_text(double value) { return java(value); }
std::string java_text(float value) { return java(value); }

}  // namespace ticklake::query::athena
