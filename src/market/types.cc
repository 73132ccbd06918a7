#include "market/types.h"

#include <algorithm>
#include <charconv>

namespace ticklake::market {
namespace {

constexpr int kDecimals = 4;

bool may_stand_in_symbol(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view(".-^=/_:+$").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<Symbol> Symbol::parse(std::string_view text) {
  if (text.empty() || text.size() > kBytesMax) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), may_stand_in_symbol)) return std::nullopt;
  Symbol symbol;
  std::copy(text.begin(), text.end(), symbol.text_.begin());
  symbol.size_ = static_cast<uint8_t>(text.size());
  return symbol;
}

std::optional<Price> Price::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty() || fraction.size() > kDecimals) return std::nullopt;
  }
  constexpr size_t kWholeDigitsMax = 14;  // times 10,000 still fits 63 bits
  if (whole.empty() || whole.size() > kWholeDigitsMax) return std::nullopt;
  int64_t units = 0;
  for (const std::string_view digits : {whole, fraction}) {
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      units = units * 10 + (c - '0');
    }
  }
  for (size_t i = fraction.size(); i < kDecimals; ++i)
    units *= 10;
  return Price(negative ? -units : units);
}

}  // namespace ticklake::market
