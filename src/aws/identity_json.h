#pragma once

#include <string>
#include <string_view>

#include "aws/identity_state.h"
#include "base/result.h"

namespace ticklake::aws {

/// How users, roles and policies stand in the file of identities: docs/formats/identities.md.

std::string to_json(const User& user);
std::string to_json(const Role& role);
std::string to_json(const ManagedPolicy& policy);

/// kCorrupt if the text is not what to_json() writes.
base::Result<User> parse_user(std::string_view text);
base::Result<Role> parse_role(std::string_view text);
base::Result<ManagedPolicy> parse_managed_policy(std::string_view text);

}  // namespace ticklake::aws
