#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <duckdb.h>

#include "base/result.h"
#include "query/rows.h"

namespace ticklake::query::athena {

/// A column of a result as GetQueryResults' ColumnInfo has it.
struct ColumnInfo {
  std::string name;
  std::string type;  ///< Athena's short name: integer, varchar, decimal, array, map, row …
  int64_t precision = 0;
  int64_t scale = 0;
  std::string full_type;  ///< Trino's: array(integer), decimal(10,2)
};

/// What Athena reports for a value of DuckDB's type. HUGEINT is a bigint.
ColumnInfo column_info(std::string name, duckdb_logical_type type);

/// The text of one value, as rows of GetQueryResults and the CSV have it; none is NULL. Timestamps
/// with three digits, doubles in Java's form, arrays [1, 2], maps {a=1}, rows {x=1}, bytes as
/// 61 62.
std::optional<std::string> value_text(duckdb_vector vector, uint64_t row);

/// As append_rows of rows.h, for columns of any types, in those texts.
base::Result<uint64_t> append_rows(duckdb_data_chunk chunk, uint64_t begin, uint64_t end,
                                   RowBlock& into);

}  // namespace ticklake::query::athena
