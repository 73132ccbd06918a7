#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model.h"
#include "lake/bucket_store.h"
#include "query/executions/caller_rights.h"

namespace ticklake::query::executions {

/// An object of a table.
struct TableFile {
  /// On this machine. No base::Path, which keeps each of its parts apart: half a million take 400
  /// bytes less each.
  std::string path;
  std::string key;
  uint64_t bytes = 0;
};

/// The objects of one partition, or of a table that has none.
struct FileSet {
  std::vector<std::string> values;  ///< of the partition keys
  /// How the rows are stored, as the partition says it; the table's where it says nothing.
  catalog::StorageDescriptor storage;
  std::vector<TableFile> files;
};

/// More files than a query can name.
inline constexpr size_t kTableFilesMax = 1'000'000;

/// The objects that are the rows of a table: all below its location or those of its partitions, but
/// what is empty, hidden (a name that begins with `_` or `.`) or a folder's mark. The caller must
/// be allowed to list and to read each of them.
athena::Result<std::vector<FileSet>> files_of(lake::BucketStore& store, const catalog::Table& table,
                                              const std::vector<catalog::Partition>& partitions,
                                              const CallerRights& rights);

}  // namespace ticklake::query::executions
