#pragma once

#include <nlohmann/json.hpp>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws/service_error.h"
#include "aws_api/json_call.h"
#include "base/clock.h"
#include "catalog/catalog.h"
#include "catalog/crawlers.h"

namespace ticklake::aws_api::glue {

/// What Glue's operations work on. All of it outlives the service.
struct Seams {
  ticklake::catalog::Catalog& catalog;
  ticklake::catalog::Crawlers& crawlers;
  const aws::AccessControl& access;
  const aws::IdentityStore& identities;
  const base::Clock& clock;
};

/// Glue's operations of databases, tables, partitions and crawlers, in JSON 1.1: each asks whether
/// its caller may, reads its input as botocore's model says, and answers likewise. Safe from any
/// thread; blocks.
class Service {
 public:
  explicit Service(Seams seams) : seams_(seams) {}

  aws::Answer<nlohmann::json> call(const Call& call) const;

 private:
  const Seams seams_;
};

}  // namespace ticklake::aws_api::glue
