#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "market/column_type.h"
#include "market/table_spec.h"

namespace ticklake::lake {

using market::ColumnType;
using market::parse_type_name;
using market::type_name;

struct Column {
  std::string key;   ///< the key in the JSON objects
  std::string name;  ///< the name in SQL and in files: unique without regard to case
  ColumnType type = ColumnType::kOpen;
  bool is_declared = false;  ///< a person said the type: it never widens by itself

  bool operator==(const Column&) const = default;
};

/// The user's columns, in the order in which they first appeared.
struct Schema {
  int64_t version = 0;  ///< counts up with each change; no part of equality
  std::vector<Column> columns;
  std::string event_time = {};  ///< declared: key of the column that _event_time is taken from
  std::string symbol = {};      ///< declared: key of the column that files are sorted by

  bool operator==(const Schema& other) const {
    return columns == other.columns && event_time == other.event_time && symbol == other.symbol;
  }
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

/// What `spec` says, as the columns of a table that has nothing yet.
Schema declared_schema(const market::TableSpec& spec);

/// The column of JSON key `key`; null if there is none.
const Column* find_column(const Schema& schema, std::string_view key);

/// Widens `schema` so that it holds what `other` does: columns are the same if their keys are. New
/// ones come last, under their name in `other` if that is free; what is declared stays. What would
/// be more than kColumnsMax is left out.
void merge_schema(Schema& schema, const Schema& other);

}  // namespace ticklake::lake
