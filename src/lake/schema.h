#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::lake {

/// What a column of a table holds. kOpen: only nulls were seen so far; such a column is in no
/// file yet.
enum class ColumnType : uint8_t { kOpen, kBoolean, kBigint, kDouble, kDate, kTimestamp, kVarchar };

/// DuckDB's name of the type ("BIGINT"); "OPEN" for kOpen.
std::string_view type_name(ColumnType type);
std::optional<ColumnType> parse_type_name(std::string_view name);

struct Column {
  std::string key;   ///< the key in the JSON objects
  std::string name;  ///< the name in SQL and in files: unique without regard to case
  ColumnType type = ColumnType::kOpen;

  bool operator==(const Column&) const = default;
};

/// The user's columns, in the order in which they first appeared.
struct Schema {
  int64_t version = 0;  ///< counts up with each change; for people, equality is by columns
  std::vector<Column> columns;

  bool operator==(const Schema& other) const { return columns == other.columns; }
};

/// More columns than this and the record that brought them is a dead letter.
inline constexpr size_t kColumnsMax = 1'000;
/// A longer key makes the record a dead letter.
inline constexpr size_t kKeyBytesMax = 255;

/// Whether SQL could take the two for the same column (ASCII letters only, as DuckDB compares).
bool same_name(std::string_view a, std::string_view b);

/// `text` with its ASCII letters in lower case: what names are compared by.
std::string lower_case(std::string_view text);

/// The name for a new column of JSON key `key`: the key itself, with '_' appended as long as it is
/// one of ours (`_offset`, `dt`, …) or taken by a column of `schema`; "column" for an empty key.
std::string column_name_for(std::string_view key, const Schema& schema);

}  // namespace ticklake::lake
