#pragma once

#include "catalog/catalog.h"
#include "catalog/crawlers.h"
#include "lake/bucket_store.h"
#include "query/executions/executions.h"

namespace ticklake::gateway {

/// What stands behind the endpoint of AWS clients, as the page shows it. Null: not in this process.
/// All of it outlives the server.
struct Parts {
  lake::BucketStore* buckets = nullptr;
  catalog::Catalog* metadata = nullptr;
  catalog::Crawlers* crawlers = nullptr;
  query::executions::Executions* executions = nullptr;
};

}  // namespace ticklake::gateway
