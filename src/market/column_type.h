#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticklake::market {

/// What is known of the values of a BIGINT, DOUBLE or TIMESTAMP column beyond its type, so that it
/// can be widened to one that holds them all to the digit.
enum class Digits : uint8_t {
  /// BIGINT, DOUBLE: each value is held exactly by a DOUBLE, and by kWidestDecimal as well.
  /// TIMESTAMP: each is a time that TIMESTAMP_NS has.
  kFew,
  kUnknown,  ///< files from before this was noted do not say
  kMany,     ///< there is a value for which that does not hold
};

/// The type of a table's column: a kind, with width and scale if it is a decimal.
struct ColumnType {
  enum class Kind : uint8_t {
    kOpen,  ///< only nulls were seen so far; such a column is in no file yet
    kBoolean,
    kBigint,
    kDouble,
    kDecimal,  ///< exact: `width` digits in all, `scale` of them behind the point
    kDate,
    kTimestamp,    ///< microseconds since 1970, UTC
    kTimestampNs,  ///< nanoseconds since 1970, UTC: the years 1678 to 2261
    kVarchar,
  };
  using enum Kind;

  constexpr ColumnType() = default;
  // It is one: most kinds need no more.
  constexpr ColumnType(Kind k, Digits d = Digits::kUnknown)  // NOLINT(google-explicit-constructor)
      : kind(k), digits(d) {}
  static constexpr ColumnType decimal(uint8_t width, uint8_t scale) {
    ColumnType type(kDecimal);
    type.width = width;
    type.scale = scale;
    return type;
  }

  Kind kind = kOpen;
  Digits digits = Digits::kUnknown;
  uint8_t width = 0;  ///< of a decimal: 1 to kDecimalWidthMax
  uint8_t scale = 0;  ///< of a decimal: 0 to width

  bool operator==(const ColumnType&) const = default;
  friend constexpr bool operator==(const ColumnType& type, Kind k) { return type.kind == k; }
  /// Whether values of both are kept in the same way, whatever else is known of them.
  constexpr bool same_storage(const ColumnType& other) const {
    return kind == other.kind && width == other.width && scale == other.scale;
  }
};

/// Whether Digits say anything of a type of that kind.
constexpr bool has_digits(ColumnType type) {
  return type == ColumnType::kBigint || type == ColumnType::kDouble ||
         type == ColumnType::kTimestamp;
}

/// Digits of a decimal at most, as in DuckDB, Parquet and Hive.
inline constexpr uint8_t kDecimalWidthMax = 38;
/// What integers and doubles of few digits become where neither can hold all values.
inline constexpr ColumnType kWidestDecimal = ColumnType::decimal(38, 18);

/// DuckDB's name of the type ("BIGINT", "DECIMAL(18,4)"); "OPEN" for kOpen.
std::string type_name(ColumnType type);
/// The reverse, and what else SQL calls them (INTEGER, TEXT, NUMERIC(9, 2), …) in letters of either
/// case; none for a type that columns do not have. Never kOpen but for "OPEN".
std::optional<ColumnType> parse_type_name(std::string_view name);

/// The narrowest type that holds the values of both without loss, the same for (b, a): VARCHAR if
/// there is no other. kOpen gives way to anything.
ColumnType wider_type(ColumnType a, ColumnType b);

}  // namespace ticklake::market
