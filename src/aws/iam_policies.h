#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/identity_store.h"

namespace ticklake::aws {

/// IAM's managed policies, AWS's and customers', with IAM's errors. Safe from any thread.
class IamPolicies {
 public:
  using PolicyPointer = IdentityState::PolicyPointer;

  explicit IamPolicies(IdentityStore& store) : store_(store) {}

  Answer<PolicyPointer> create(std::string_view name, std::string text, std::string_view path = "/",
                               std::string_view description = "");
  Answer<PolicyPointer> get(std::string_view arn) const;
  /// AWS's too: ManagedPolicy::is_of_aws tells them apart.
  std::vector<PolicyPointer> list() const { return store_.state()->policies(); }
  size_t attachments(std::string_view arn) const { return store_.state()->attachments(arn); }
  /// kDeleteConflict while it is attached; kAccessDenied for AWS's.
  Answer<void> remove(std::string_view arn);

 private:
  IdentityStore& store_;
};

}  // namespace ticklake::aws
