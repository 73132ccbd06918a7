#pragma once

#include <span>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "catalog/file_probe.h"
#include "table/database.h"

namespace ticklake::catalog {

/// Reads the footers of Parquet files, many at a time. One thread.
class ParquetProbe {
 public:
  static base::Result<ParquetProbe> open();

  /// A probe for each file; kUnknown for one whose footer does not read.
  std::vector<FileProbe> probe(std::span<const base::Path> files);

 private:
  ParquetProbe(table::Database database, table::Connection connection)
      : database_(std::move(database)), connection_(std::move(connection)) {}
  base::Result<std::vector<FileProbe>> probe_all(std::span<const base::Path> files);

  table::Database database_;
  table::Connection connection_;
};

/// One line of a footer's schema, which lists a tree in the order of its roots.
struct ParquetElement {
  std::string name;
  std::string type;  ///< INT64, BYTE_ARRAY, …; empty for a group
  size_t children = 0;
  std::string converted_type;  ///< UTF8, DECIMAL, LIST, …; may be empty
  std::string logical_type;    ///< as DuckDB prints it
  std::string precision;
  std::string scale;
};
/// The columns of a footer, whose first element is the root.
std::vector<HiveField> parquet_fields(std::span<const ParquetElement> elements);

}  // namespace ticklake::catalog
