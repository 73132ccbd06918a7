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
};

}  // namespace ticklake::query::executions
