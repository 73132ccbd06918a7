#pragma once

#include <memory>

#include <nlohmann/json.hpp>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws_api/glue/service.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/crawlers.h"
#include "catalog/object_source.h"
#include "lake/bucket_store.h"

namespace ticklake::cli {

/// Glue's endpoint of `ticklake up`, and the crawlers that it starts. Crawls that run when it ends
/// are stopped.
class GlueStage {
 public:
  /// All of it outlives the stage.
  struct Parts {
    catalog::Catalog& tables;
    lake::BucketStore& buckets;
    const aws::IdentityStore& identities;
    const aws::AccessControl& access;
    base::FileSystem& files;
    const base::Clock& clock;
    base::Logger& log;
  };
  static base::Result<std::unique_ptr<GlueStage>> open(const base::Path& data, const Parts& parts);

  aws::Answer<nlohmann::json> call(const aws_api::Call& call) const { return service_->call(call); }

 private:
  explicit GlueStage(const Parts& parts) : source_(parts.buckets) {}

  catalog::BucketSource source_;
  std::unique_ptr<catalog::Crawlers> crawlers_;
  std::unique_ptr<aws_api::glue::Service> service_;
};

}  // namespace ticklake::cli
