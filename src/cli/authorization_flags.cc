#include "cli/authorization_flags.h"

namespace ticklake::cli {

void add_authorization_flags(CLI::App& command, AuthorizationFlags& flags) {
  command.add_flag("--authorize", flags.is_on,
                   "Do only what ACLs allow; `ticklake acl` makes them");
  command
      .add_option("--super-user", flags.super_users,
                  "May do everything, whatever ACLs say; for example User:admin. Repeatable")
      ->type_name("TYPE:NAME")
      ->allow_extra_args(false);
  command.add_flag("--allow-if-no-acl", flags.allow_if_no_acl,
                   "Leave what no ACL is about open to everyone");
}

base::Result<std::optional<broker::AuthorizerSettings>> authorizer_settings(
    const AuthorizationFlags& flags) {
  if (!flags.is_on) {
    if (flags.super_users.empty() && !flags.allow_if_no_acl) return std::nullopt;
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "--super-user and --allow-if-no-acl do nothing by themselves",
                      "without --authorize everyone may do everything", "add --authorize");
  }
  broker::AuthorizerSettings settings;
  settings.allow_if_no_acl = flags.allow_if_no_acl;
  for (const std::string& user : flags.super_users) {
    const size_t colon = user.find(':');
    const bool is_principal = colon != std::string::npos && colon > 0 && colon + 1 < user.size();
    if (!is_principal) {
      return base::fail(base::ErrorCode::kInvalidArgument, "'" + user + "' is no principal", "",
                        "write it with its type, as in --super-user User:" + user);
    }
    settings.super_users.insert(user);
  }
  return settings;
}

}  // namespace ticklake::cli
