#pragma once

#include <stop_token>
#include <vector>

#include "base/file_system.h"
#include "lake/bucket_store.h"
#include "query/executions/table_files.h"

namespace ticklake::query::executions {

/// From so many on, small JSON objects of a folder are copied into one file that DuckDB reads
/// instead: it keeps some 2 KB a file, and half a million objects of 100 bytes would take a GB.
inline constexpr size_t kSpooledFilesMin = 2'000;
inline constexpr uint64_t kSpooledBytesEach = 64 * 1024;  ///< on average, at most

/// Copies of objects, one after the other, for the life of a query.
class SpooledFiles {
 public:
  SpooledFiles(lake::BucketStore& store, base::FileSystem& files) : store_(store), files_(files) {}
  SpooledFiles(const SpooledFiles&) = delete;
  SpooledFiles& operator=(const SpooledFiles&) = delete;
  ~SpooledFiles();

  /// Replaces the files of a set of JSON by one, if they are many and small and not compressed.
  /// Objects that are gone by now are left out. Memory: one object. kInterrupted on `stop`.
  base::Result<void> spool(FileSet& set, const std::string& bucket, const std::stop_token& stop);

 private:
  base::Result<void> copy(const std::vector<TableFile>& from, base::File& into,
                          const std::stop_token& stop);

  lake::BucketStore& store_;
  base::FileSystem& files_;
  std::vector<base::Path> made_;
};

}  // namespace ticklake::query::executions
