#pragma once

#include <cstdint>
#include <string>

namespace ticklake::query::athena {

enum class TypeKind : uint8_t {
  kUnknown,
  kNull,
  kBoolean,
  kTinyint,
  kSmallint,
  kInteger,
  kBigint,
  kReal,
  kDouble,
  kDecimal,
  kVarchar,
  kChar,
  kVarbinary,
  kDate,
  kTime,
  kTimestamp,
  kTimestampTz,
  kIntervalDay,
  kIntervalYear,
  kJson,
  kArray,
  kMap,
  kRow,
  kUuid,
};

/// What the text alone tells of a value's type: a hint, kUnknown for every column.
struct Type {
  TypeKind kind = TypeKind::kUnknown;
  uint8_t precision = 0;  ///< of a decimal
  uint8_t scale = 0;
  /// Elements of an array are arrays or rows, if the text tells.
  TypeKind element = TypeKind::kUnknown;

  bool is(TypeKind other) const { return kind == other; }
  bool is_integer() const { return kind >= TypeKind::kTinyint && kind <= TypeKind::kBigint; }
  bool is_floating() const { return kind == TypeKind::kReal || kind == TypeKind::kDouble; }
  bool is_decimal() const { return kind == TypeKind::kDecimal; }
  bool is_number() const { return is_integer() || is_floating() || is_decimal(); }
  bool is_interval() const {
    return kind == TypeKind::kIntervalDay || kind == TypeKind::kIntervalYear;
  }
  bool is_text() const { return kind == TypeKind::kVarchar || kind == TypeKind::kChar; }
};

/// A type as a statement names it.
struct NamedType {
  Type type;
  std::string duckdb;   ///< DuckDB's name of it, e.g. STRUCT("a" INTEGER)[]
  std::string hive;     ///< Hive's name of it, e.g. array<struct<a:int>>
  uint32_t length = 0;  ///< of varchar(n) and char(n)
  /// The fields of a row, for JSON arrays that are cast to it.
  std::string row_from_json = {};
};

}  // namespace ticklake::query::athena
