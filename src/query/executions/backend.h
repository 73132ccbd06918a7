#pragma once

#include "aws/access_control.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/secret_random.h"
#include "catalog/catalog.h"
#include "lake/bucket_store.h"
#include "query/query_engine.h"

namespace ticklake::query::executions {

/// From so many on, small JSON objects of a folder are copied into one file that DuckDB reads
/// instead: it keeps some 2 KB a file, and half a million objects of 100 bytes would take a GB.
inline constexpr size_t kSpooledFilesMin = 2'000;

/// What executions work on; all of it outlives them.
struct Backend {
  QueryEngine& engine;
  catalog::Catalog& metadata;
  lake::BucketStore& buckets;
  const aws::AccessControl& access;
  base::FileSystem& files;
  const base::Clock& clock;
  base::Logger& logger;
  base::SecretRandom random;
  size_t spooled_files_min = kSpooledFilesMin;
};

}  // namespace ticklake::query::executions
