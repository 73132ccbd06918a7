#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "market/column_type.h"

namespace ticklake::market {

struct DeclaredColumn {
  std::string name;  ///< also the key in the JSON objects
  ColumnType type;
};

/// What a person, or a feed that knows its records, says about a table before it has rows. Columns
/// that are not declared are inferred as ever.
struct TableSpec {
  std::vector<DeclaredColumn> columns;
  /// The column of times that is the rows' event time; empty: by the columns' names.
  std::string event_time = {};
  /// The column by which rows are sorted in files; empty: by the columns' names.
  std::string symbol = {};
};

/// Reads `symbol VARCHAR, price DECIMAL(18,4), "at" TIMESTAMP_NS`: names stand in double quotes if
/// they hold more than letters, digits, '_' and '-', a quote in them doubled. kInvalidArgument,
/// naming what is wrong.
base::Result<std::vector<DeclaredColumn>> parse_columns(std::string_view text);

/// Whether `spec` can be: its names differ in more than case, and event time and symbol are among
/// them, the first as a time or a day. kInvalidArgument if not.
base::Result<void> check(const TableSpec& spec);

}  // namespace ticklake::market
