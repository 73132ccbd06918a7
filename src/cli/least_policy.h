#pragma once

#include <string>

#include "base/result.h"

namespace ticklake::cli {

/// The least that one part of the pipeline needs on AWS, as a policy in IAM's JSON: in place of
/// AdministratorAccess.
enum class PolicyFor : uint8_t {
  kSink,     ///< writes a bucket's data: new objects, never a deletion
  kCrawler,  ///< the role of a Glue crawler: reads the bucket, fills the catalog
  kQuery,    ///< who asks Athena: reads bucket and catalog, writes results
};

/// `results`: where Athena's results go, as BUCKET or BUCKET/PREFIX. kInvalidArgument for what is
/// no name of a bucket.
base::Result<std::string> least_policy(PolicyFor part, const std::string& bucket,
                                       const std::string& results);

}  // namespace ticklake::cli
