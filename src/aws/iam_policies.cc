#include "aws/iam_policies.h"

#include "aws/aws_managed_policies.h"
#include "aws/identity_policies.h"

namespace ticklake::aws {
namespace {

constexpr size_t kPolicyNameCharactersMax = 128;
constexpr size_t kDescriptionBytesMax = 1'000;
constexpr size_t kIdCharacters = 17;

Answer<IdentityState::PolicyPointer> found(const IdentityState& state, std::string_view arn) {
  auto policy = state.find_policy(arn);
  if (policy) return policy;
  return refuse(ErrorKind::kNoSuchEntity, "Policy " + std::string(arn) + " was not found.");
}

}  // namespace

Answer<IamPolicies::PolicyPointer> IamPolicies::create(std::string_view name, std::string text,
                                                       std::string_view path,
                                                       std::string_view description) {
  TICKLAKE_TRY(check_name(name, "policyName", kPolicyNameCharactersMax));
  TICKLAKE_TRY(check_path(path));
  if (description.size() > kDescriptionBytesMax) {
    return refuse(ErrorKind::kValidation, "description must have at most 1000 characters.");
  }
  ManagedPolicy policy;
  TICKLAKE_ASSIGN(policy.document, parse_policy_document(std::move(text), PolicyKind::kIdentity,
                                                         kManagedPolicyCharactersMax));
  policy.name = name;
  policy.id = store_.new_id("ANPA", kIdCharacters);
  policy.path = path;
  policy.description = description;
  policy.created = store_.now();
  const size_t of_aws = aws_managed_policies().size();
  TICKLAKE_TRY(store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    if (next.state().find_policy(policy.arn())) {
      return refuse(ErrorKind::kEntityAlreadyExists,
                    "A policy called " + policy.name + " already exists.");
    }
    if (next.state().policy_count() - of_aws >= kPoliciesMax) {
      return refuse(ErrorKind::kLimitExceeded,
                    "Cannot exceed quota for policies: " + std::to_string(kPoliciesMax));
    }
    return next.put(policy);
  }));
  return get(policy.arn());
}

Answer<IamPolicies::PolicyPointer> IamPolicies::get(std::string_view arn) const {
  return found(*store_.state(), arn);
}

Answer<void> IamPolicies::remove(std::string_view arn) {
  return store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    TICKLAKE_ASSIGN(const PolicyPointer policy, found(next.state(), arn));
    if (policy->is_of_aws) {
      return refuse(ErrorKind::kAccessDenied, "Policies of AWS cannot be deleted.");
    }
    if (next.state().attachments(arn) > 0) {
      return refuse(ErrorKind::kDeleteConflict, "Cannot delete a policy attached to entities.");
    }
    return next.remove_policy(arn);
  });
}

}  // namespace ticklake::aws
