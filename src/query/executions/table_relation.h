#pragma once

#include <functional>
#include <string>
#include <vector>

#include "query/executions/table_files.h"
#include "query/executions/table_format.h"

namespace ticklake::query::executions {

/// What a relation reads, to tell how many bytes a query has read of it.
struct TableSource {
  TableFormat::Kind format = TableFormat::Kind::kParquet;
  uint64_t bytes = 0;
  std::vector<base::Path> files;
  /// A sink adds files meanwhile: a query may have read a few less.
  bool is_live = false;
};

/// The structure of some JSON files as DuckDB's json_group_structure tells it, to find how keys are
/// spelled that the catalog has in lower case; empty if it cannot be told.
using JsonStructure = std::function<std::string(const std::vector<base::Path>& sample)>;

/// A table of the catalog as a query of DuckDB.
struct TableRelation {
  std::string query;
  std::vector<TableSource> sources;
};

/// The most partitions of a table whose places do not tell their values (`dt=2026-01-01`), each of
/// which needs a scan of its own.
inline constexpr size_t kPlainPartitionsMax = 2'000;

/// Columns have the declared names, order and types; what a file lacks is NULL; partition keys come
/// last. Types that cannot be queried, and formats that cannot be read, are NOT_SUPPORTED by name.
athena::Result<TableRelation> table_relation(const catalog::Table& table,
                                             const std::vector<FileSet>& sets,
                                             const JsonStructure& structure);

}  // namespace ticklake::query::executions
