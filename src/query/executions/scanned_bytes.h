#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "query/executions/table_relation.h"

namespace ticklake::query::executions {

/// Bytes of the columns of some Parquet files, by column in lower case.
using ColumnBytes = std::function<std::vector<std::pair<std::string, uint64_t>>(
    const std::vector<base::Path>& files)>;

/// What a query has read of its sources, by DuckDB's plan (EXPLAIN (FORMAT json)): of text and JSON
/// the files that its partitions leave, of Parquet the columns that it names in them. Row groups
/// that statistics pass over count as read. A plan that does not parse has read all.
uint64_t scanned_bytes(std::string_view plan, const std::vector<TableSource>& sources,
                       const ColumnBytes& column_bytes);

}  // namespace ticklake::query::executions
