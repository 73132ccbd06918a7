#pragma once

#include <memory>

#include "feed/rows.h"

namespace ticklake::feed {

/// A Parquet file, read by DuckDB, one JSON object a row with the file's column names. Numbers keep
/// every digit; timestamps become RFC 3339 text in UTC with the file's digits, whatever zone the
/// machine is in; NaN and infinities become null. Within lists and structs, decimals, 128-bit
/// numbers and those times that DuckDB would round or shift become text.
base::Result<std::unique_ptr<RowSource>> open_parquet_rows(const RowOptions& options);

}  // namespace ticklake::feed
