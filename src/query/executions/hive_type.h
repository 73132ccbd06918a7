#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::query::executions {

/// A column's type, as the catalog (Hive: `array<struct<a:int>>`) and results (Trino:
/// `array(row(a integer))`) name it, in one form.
struct HiveType {
  enum class Kind : uint8_t {
    kBoolean,
    kTinyint,
    kSmallint,
    kInt,
    kBigint,
    kFloat,
    kDouble,
    kDecimal,
    kString,  ///< varchar and char, whatever their length, too
    kBinary,
    kDate,
    kTimestamp,
    kArray,
    kMap,
    kStruct,
  };
  Kind kind = Kind::kString;
  uint8_t precision = 0;  ///< of a decimal
  uint8_t scale = 0;
  std::vector<std::string> names = {};  ///< of a struct's fields, in lower case
  std::vector<HiveType> parts = {};     ///< elements; key and value; fields

  bool operator==(const HiveType&) const = default;
};

inline constexpr size_t kHiveTypeDepthMax = 64;

/// Reads a type of Hive or of Trino. None for one that cannot be queried here (uniontype, interval
/// …) or does not parse.
std::optional<HiveType> parse_hive_type(std::string_view text);

/// `array<struct<a:int>>`, as the catalog has it.
std::string to_hive(const HiveType& type);
/// `STRUCT("a" INTEGER)[]`.
std::string to_duckdb(const HiveType& type);
/// `array(row(a integer))`, as SHOW and results name it.
std::string to_trino(const HiveType& type);

}  // namespace ticklake::query::executions
