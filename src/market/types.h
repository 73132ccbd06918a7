#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace ticklake::market {

/// A ticker as exchanges write it: 1 to 15 characters, letters, digits and . - ^ = / _ : + $ only,
/// so that it stands in JSON, in SQL and in a file name without being escaped. A value of 16 bytes.
class Symbol {
 public:
  static constexpr size_t kBytesMax = 15;

  Symbol() = default;
  /// None unless `text` is as above.
  static std::optional<Symbol> parse(std::string_view text);

  std::string_view text() const { return {text_.data(), size_}; }
  bool operator==(const Symbol& other) const { return text() == other.text(); }
  auto operator<=>(const Symbol& other) const { return text() <=> other.text(); }

 private:
  std::array<char, kBytesMax> text_{};
  uint8_t size_ = 0;
};

/// Money as a whole number of ten-thousandths, so that sums and comparisons are exact.
class Price {
 public:
  static constexpr int64_t kUnitsPerOne = 10'000;
  static constexpr int64_t kUnitsPerCent = 100;

  constexpr Price() = default;
  static constexpr Price of_units(int64_t units) { return Price(units); }
  static constexpr Price of_cents(int64_t cents) { return Price(cents * kUnitsPerCent); }
  /// Plain decimal, at most four digits after the point; none otherwise or if it does not fit.
  static std::optional<Price> parse(std::string_view text);

  constexpr int64_t units() const { return units_; }
  constexpr double value() const { return static_cast<double>(units_) / kUnitsPerOne; }
  constexpr auto operator<=>(const Price&) const = default;

 private:
  constexpr explicit Price(int64_t units) : units_(units) {}
  int64_t units_ = 0;
};

/// One print on the tape. What a feed did not say is absent and becomes null.
struct Trade {
  Symbol symbol;
  std::optional<Price> price;
  std::optional<int64_t> size;  ///< shares
  char venue = '\0';            ///< one letter, as the consolidated tape has them; '\0' if unknown
  uint64_t seq = 0;             ///< 1, 2, 3, … over all symbols of one feed
  base::WallTime event_time;
};

/// What happened to one symbol between `start` and `start` + the bar's length.
struct Bar {
  Symbol symbol;
  base::WallTime start;
  Price open, high, low, close;
  int64_t volume = 0;
};

}  // namespace ticklake::market
