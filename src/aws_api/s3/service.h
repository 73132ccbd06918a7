#pragma once

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws/request_authentication.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/exchange.h"
#include "http/response.h"
#include "http/task.h"
#include "lake/bucket_store.h"

namespace ticklake::aws_api::s3 {

/// Amazon S3's REST API over a store of buckets: what each operation does, and what it does not, is
/// at the top of its file; what is not served is refused with NotImplemented, by its name.
class Service {
 public:
  /// What is passed must outlive it.
  Service(lake::BucketStore& store, const aws::IdentityStore& identities, const base::Clock& clock,
          base::Logger& logger)
      : store_(store), access_(identities), clock_(clock), logger_(logger) {}

  /// Answers a request whose head is proved. Nothing of its body is read, and nothing is told of
  /// what is there, before the caller's policies allow it.
  http::Task<http::Response> handle(http::Exchange& exchange,
                                    const aws::AuthenticatedRequest& caller);

 private:
  http::Task<aws::Answer<http::Response>> answer(http::Exchange& exchange,
                                                 const aws::AuthenticatedRequest& caller);

  lake::BucketStore& store_;
  const aws::AccessControl access_;
  const base::Clock& clock_;
  base::Logger& logger_;
};

}  // namespace ticklake::aws_api::s3
