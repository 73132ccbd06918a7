#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace ticklake::aws {

class Policy;

/// There is one account, and this is its number.
inline constexpr std::string_view kAccountId = "000000000000";

enum class PrincipalKind : uint8_t {
  kRoot,         ///< the account itself: may do everything
  kUser,         ///< of IAM
  kAssumedRole,  ///< a session of a role
};

/// Who sent a request, once its signature was found right.
struct Principal {
  PrincipalKind kind = PrincipalKind::kUser;
  /// As GetCallerIdentity shows them: `arn:aws:iam::000000000000:user/alice`, `AIDA…`; for a role
  /// `arn:aws:sts::000000000000:assumed-role/reader/session`, `AROA…:session`.
  std::string arn;
  std::string user_id;
  std::string user_name = {};     ///< of a user
  std::string role_name = {};     ///< of a role
  std::string role_arn = {};      ///< of a role
  std::string session_name = {};  ///< of a role
  /// Of temporary credentials: when they were made.
  std::optional<base::WallTime> token_issued_at = {};
  /// Of AssumeRole: what is done must be allowed by one of these too, if there are any.
  std::vector<std::shared_ptr<const Policy>> session_policies = {};
  std::vector<std::string> session_policy_arns = {};

  bool is_temporary() const { return token_issued_at.has_value(); }
};

inline std::string root_arn() {
  return std::string("arn:aws:iam::").append(kAccountId).append(":root");
}

}  // namespace ticklake::aws
