#pragma once

#include <string>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws_api/query_call.h"

namespace ticklake::aws_api::iam {

/// IAM (2010-05-08): users and their keys, roles, policies attached and inline. Each operation is
/// permitted by the action of its own name on the ARN that it is about.
///
/// Not there: groups, instance profiles, versions of policies beyond the first, permission
/// boundaries (refused, since they would forbid), tags (left out).
class IamService {
 public:
  /// `store` must outlive it.
  explicit IamService(aws::IdentityStore& store) : store_(store), access_(store) {}

  /// Safe from any thread; writes to the disk.
  aws::Answer<std::string> call(const QueryCall& call) const;

 private:
  aws::IdentityStore& store_;
  aws::AccessControl access_;
};

}  // namespace ticklake::aws_api::iam
