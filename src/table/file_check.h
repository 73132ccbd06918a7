#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "lake/object_store.h"
#include "lake/verify.h"
#include "table/database.h"

namespace ticklake::table {

enum class FileCheckDepth : uint8_t {
  /// Parquet footers: rows, whose they are (topic, partition, range), the least and the greatest
  /// `_offset`. Files of JSON lines have none: that they stand is all that is asked.
  kFooters,
  /// Also every `_topic`, `_partition` and `_offset`, in files of both kinds: as many rows as were
  /// promised, each offset in range and there once in all files of its record.
  kOffsets,
};

/// What of `files`, which stand in the store, is not as it was promised. Files of one record stand
/// side by side in it. Memory is bounded by the offsets of one record.
base::Result<std::vector<lake::Finding>> check_files(Connection& connection,
                                                     lake::ObjectStore& store,
                                                     std::span<const lake::PromisedFile> files,
                                                     FileCheckDepth depth);

}  // namespace ticklake::table
