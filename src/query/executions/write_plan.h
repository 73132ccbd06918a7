#pragma once

#include <string>
#include <vector>

#include "catalog/model.h"
#include "query/athena/statement.h"
#include "query/executions/hive_type.h"
#include "query/rows.h"

namespace ticklake::query::executions {

/// A column of what CTAS, UNLOAD or INSERT writes.
struct WrittenColumn {
  std::string name;
  HiveType type;
};

/// How the rows of a query become files.
struct WritePlan {
  enum class Format : uint8_t { kParquet, kJson, kDelimited };
  Format format = Format::kParquet;
  std::string compression = {};  ///< DuckDB's name: gzip, snappy, zstd, none; empty: the default
  std::string delimiter = "\x01";
  bool is_quoted = false;                        ///< delimited text that OpenCSVSerde reads
  std::vector<std::string> partitioned_by = {};  ///< in lower case
};

/// Of WITH ( … ) in CTAS and UNLOAD. What cannot be written (ORC, AVRO, buckets, Iceberg) is
/// NOT_SUPPORTED by name, as is an option that Athena does not have.
athena::Result<WritePlan> write_plan(const std::vector<athena::WithOption>& options);

/// The columns of a query's result with types that files have: integers beyond bigint are bigint,
/// a timestamp with a zone is one without.
athena::Result<std::vector<WrittenColumn>> written_columns(const std::vector<Column>& columns);

/// The COPY that writes the rows of `query`, whose columns stand in the order of `columns`, to
/// `path`: a file, or with partitions a folder. `file_name`: what files in it are called.
std::string copy_sql(const std::string& query, const std::vector<WrittenColumn>& columns,
                     const WritePlan& plan, const std::string& path, const std::string& file_name);

/// Serde, formats and parameters of a table of such files, as Athena registers it.
catalog::StorageDescriptor storage_of(const WritePlan& plan, const std::string& location);

}  // namespace ticklake::query::executions
