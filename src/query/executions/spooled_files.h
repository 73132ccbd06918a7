#pragma once

#include <stop_token>
#include <vector>

#include "base/file_system.h"
#include "lake/bucket_store.h"
#include "query/executions/table_files.h"

namespace ticklake::query::executions {

inline constexpr uint64_t kSpooledBytesEach = 64 * 1024;  ///< of what is small, on average

/// Copies of objects, one after the other, for the life of a query.
class SpooledFiles {
 public:
  SpooledFiles(lake::BucketStore& store, base::FileSystem& files, size_t files_min)
      : store_(store), files_(files), files_min_(files_min) {}
  SpooledFiles(const SpooledFiles&) = delete;
  SpooledFiles& operator=(const SpooledFiles&) = delete;
  ~SpooledFiles();

  /// Replaces the files of a set of JSON by one, if they are `files_min` or more, small and
  /// not compressed.
  /// Objects that are gone by now are left out. Memory: one object. kInterrupted on `stop`.
  base::Result<void> spool(FileSet& set, const std::string& bucket, const std::stop_token& stop);

 private:
  base::Result<void> copy(const std::vector<TableFile>& from, base::File& into,
                          const std::stop_token& stop);

  lake::BucketStore& store_;
  base::FileSystem& files_;
  const size_t files_min_;
  std::vector<base::Path> made_;
};

}  // namespace ticklake::query::executions
