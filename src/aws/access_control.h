#pragma once

#include <string>
#include <string_view>

#include "aws/identity_store.h"
#include "aws/policy.h"
#include "aws/principal.h"

namespace ticklake::aws {

/// Who is it, and may he: what each request asks. Touches no disk. Safe from any thread.
class AccessControl {
 public:
  explicit AccessControl(const IdentityStore& store) : store_(store) {}

  struct Identified {
    std::string secret_access_key;  ///< to check the signature with; never to be shown
    Principal principal;
  };
  /// The holder of a key; nothing is proved before the signature was checked. `session_token` is
  /// empty for long-term keys. kInvalidAccessKeyId (unknown, deactivated, or its user or role is
  /// gone), kInvalidToken, kExpiredToken.
  Answer<Identified> authenticate(std::string_view access_key_id,
                                  std::string_view session_token) const;

  /// By the policies as they are now: root may do everything; explicit deny, allow, implicit deny;
  /// session policies narrow. With credentials of GetSessionToken nothing of IAM may be called, as
  /// with AWS. `request.principal` must come from authenticate().
  Decision is_allowed(const PolicyRequest& request) const;

 private:
  Answer<Identified> authenticate_session(std::string_view access_key_id,
                                          std::string_view session_token) const;

  const IdentityStore& store_;
};

}  // namespace ticklake::aws
