#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "broker/security/authorizer.h"

namespace ticklake::cli {

/// Whether the broker asks who may do what, as it was typed.
struct AuthorizationFlags {
  bool is_on = false;
  std::vector<std::string> super_users;
  bool allow_if_no_acl = false;
};

/// --authorize, --super-user and --allow-if-no-acl.
void add_authorization_flags(CLI::App& command, AuthorizationFlags& flags);

/// None without --authorize, which the other flags need; kInvalidArgument otherwise.
base::Result<std::optional<broker::AuthorizerSettings>> authorizer_settings(
    const AuthorizationFlags& flags);

}  // namespace ticklake::cli
