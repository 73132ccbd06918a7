#pragma once

#include <memory>

#include "feed/rows.h"

namespace ticklake::feed {

/// A Parquet file, read by DuckDB, one JSON object a row with the file's column names. Timestamps
/// become RFC 3339 text with microseconds in UTC; NaN and infinities become null.
base::Result<std::unique_ptr<RowSource>> open_parquet_rows(const RowOptions& options);

}  // namespace ticklake::feed
