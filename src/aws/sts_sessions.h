#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws/session_token.h"

namespace ticklake::aws {

/// STS: temporary credentials, with STS's errors. Safe from any thread. GetCallerIdentity is the
/// caller's Principal (arn, user_id) and kAccountId, and needs no permission.
class StsSessions {
 public:
  StsSessions(const IdentityStore& store, const AccessControl& access)
      : store_(store), access_(access) {}

  struct TemporaryCredentials {
    Credentials credentials;
    base::WallTime expiration;  ///< of seconds
  };
  /// `duration`: none is 12 hours (root: 1), 15 minutes to 36 hours (root: 1 hour). kAccessDenied
  /// for temporary credentials.
  Answer<TemporaryCredentials> get_session_token(
      const Principal& caller, std::optional<std::chrono::seconds> duration) const;

  struct AssumeRole {
    std::string role_arn;
    std::string session_name;
    std::optional<std::chrono::seconds> duration = {};  ///< none is an hour
    std::string policy = {};                            ///< JSON; empty for none
    std::vector<std::string> policy_arns = {};
    std::optional<std::string> external_id = {};
  };
  struct AssumedRole {
    TemporaryCredentials session;
    std::string arn;  ///< AssumedRoleUser
    std::string id;
  };
  /// Who asks must be trusted by the role, by name or by account; by account he must be allowed to
  /// by a policy of his own, too. `context` is the request's.
  Answer<AssumedRole> assume_role(const Principal& caller, const AssumeRole& request,
                                  const RequestContext& context) const;

  /// The account of a key's owner, as GetAccessKeyInfo gives it. kValidation for what is no key id.
  Answer<std::string> access_key_account(std::string_view access_key_id) const;

 private:
  TemporaryCredentials make(SessionClaims claims, std::chrono::seconds duration) const;
  Answer<void> check_may_assume(const Principal& caller, const Role& role,
                                const AssumeRole& request, RequestContext context) const;
  Answer<void> check_session_policies(const AssumeRole& request) const;

  const IdentityStore& store_;
  const AccessControl& access_;
};

}  // namespace ticklake::aws
