#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/identity_file.h"
#include "aws/principal.h"
#include "base/clock.h"
#include "base/secret_random.h"

namespace ticklake::aws {

/// What a session token carries. The token is this, sealed (AES-256-GCM under a key that only the
/// server has), so that temporary credentials take no memory here and survive a restart.
struct SessionClaims {
  std::string access_key_id;  ///< `ASIA…`
  std::string secret_access_key;
  base::WallTime issued;   ///< of seconds
  base::WallTime expires;  ///< of seconds
  PrincipalKind kind = PrincipalKind::kUser;
  std::string identity_name;  ///< user or role
  std::string identity_id;    ///< a later one of the same name is another
  std::string session_name = {};
  std::string policy = {};                    ///< of AssumeRole; JSON, or empty
  std::vector<std::string> policy_arns = {};  ///< likewise

  bool operator==(const SessionClaims&) const = default;
};

/// Of a token: a longer one is not looked at.
inline constexpr size_t kSessionTokenBytesMax = 16'384;

/// Base64.
std::string seal_session_token(const SessionClaims& claims, const SessionKey& key,
                               const base::SecretRandom& random);
/// None unless it was sealed with this key, and is whole. Whether it has expired is not looked at.
std::optional<SessionClaims> open_session_token(std::string_view token, const SessionKey& key);

}  // namespace ticklake::aws
