#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/identity_state.h"

namespace ticklake::aws {

/// What IAM does alike with the policies of users and roles. Each changes the value, or refuses.

Answer<void> attach_policy(const IdentityState& state, Identity& identity, std::string_view arn);
Answer<void> detach_policy(Identity& identity, std::string_view arn);
/// Put in the place of one of that name; `characters_max` holds for all inline ones together.
Answer<void> put_inline_policy(Identity& identity, std::string_view name, std::string text,
                               size_t characters_max);
Answer<void> delete_inline_policy(Identity& identity, std::string_view name);
/// The text as it was put.
Answer<std::string> inline_policy(const Identity& identity, std::string_view name);

struct AttachedPolicy {
  std::string name;
  std::string arn;
};
std::vector<AttachedPolicy> attached_policies(const IdentityState& state, const Identity& identity);
std::vector<std::string> inline_policy_names(const Identity& identity);

/// kDeleteConflict while there is a policy left.
Answer<void> check_has_no_policies(const Identity& identity);

/// IAM's names: letters, digits and `+=,.@-_`, at least one; kValidation otherwise.
Answer<void> check_name(std::string_view name, std::string_view member, size_t characters_max);
/// `/`, or `/…/` of printable ASCII, at most 512 characters.
Answer<void> check_path(std::string_view path);

}  // namespace ticklake::aws
