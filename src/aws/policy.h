#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/condition_key.h"
#include "aws/policy_condition.h"
#include "aws/policy_pattern.h"
#include "aws/principal.h"
#include "aws/service_error.h"

namespace ticklake::aws {

/// IAM's policies: JSON in, decisions out. Source: AWS's "IAM JSON policy elements reference" and
/// "Policy evaluation logic". What is not supported is refused by name when a policy is put, since
/// a rule that is left out would allow, or forbid, something else than it says.

/// IAM's own limits. Of characters white space does not count.
inline constexpr size_t kPolicyTextBytesMax = 131'072;
inline constexpr size_t kManagedPolicyCharactersMax = 6'144;
inline constexpr size_t kUserPoliciesCharactersMax = 2'048;   ///< all inline ones of a user
inline constexpr size_t kRolePoliciesCharactersMax = 10'240;  ///< all inline ones of a role
inline constexpr size_t kTrustPolicyCharactersMax = 2'048;
inline constexpr size_t kSessionPolicyCharactersMax = 2'048;

size_t policy_characters(std::string_view text);

enum class PolicyKind : uint8_t {
  kIdentity,  ///< of users, roles and sessions: has resources and no principal
  kTrust,     ///< of roles: has principals and no resource
};

enum class Effect : uint8_t { kAllow, kDeny };

/// One of a trust policy's principals.
struct TrustedPrincipal {
  enum class Kind : uint8_t { kAnyone, kAccount, kArn, kService };
  Kind kind;
  std::string value;  ///< account number, ARN, or `glue.amazonaws.com`
};

/// A policy that was understood whole. Does not change, so that any thread may ask it.
class Policy {
 public:
  /// kMalformedPolicyDocument says which statement and what about it.
  static Answer<Policy> parse(std::string_view text, PolicyKind kind);

  /// What its statements say of the request; a deny wins. None if none of them is about it.
  /// For kIdentity.
  std::optional<Effect> effect_on(const PolicyRequest& request) const;

  /// How a role's trust names who asks for it. For kTrust.
  enum class Trust : uint8_t {
    kNone,
    kDenied,
    kAccount,  ///< by the account: who asks must be allowed to by a policy of his own, too
    kDirect,   ///< by his own ARN
  };
  Trust trust_in(const PolicyRequest& request) const;

 private:
  friend class PolicyParser;
  struct Statement {
    Effect effect = Effect::kDeny;
    bool is_not_action = false;
    std::vector<PolicyPattern> actions;
    bool is_not_resource = false;
    std::vector<PolicyPattern> resources;
    std::vector<TrustedPrincipal> principals;
    std::vector<PolicyCondition> conditions;

    bool is_about_action(const PolicyRequest& request) const;
    bool is_about_resource(const PolicyRequest& request) const;
    bool conditions_hold(const PolicyRequest& request) const;
  };
  static Trust trust_of(const Statement& statement, const Principal& principal);

  std::vector<Statement> statements_;
};

/// A policy and how a person calls it, for reasons.
struct NamedPolicy {
  std::string_view name;
  const Policy* policy;
};

struct Decision {
  enum class Outcome : uint8_t { kAllowed, kExplicitDeny, kImplicitDeny };
  Outcome outcome = Outcome::kImplicitDeny;
  /// For a log or a person: "policy reader allows it", "no policy allows it".
  std::string reason;

  bool is_allowed() const { return outcome == Outcome::kAllowed; }
};

/// An explicit deny wins over every allow; without an allow it is denied. With session policies one
/// of them must allow it as well. `session`: none if the session has no policies.
Decision decide(const PolicyRequest& request, std::span<const NamedPolicy> identity,
                std::optional<std::span<const NamedPolicy>> session);

/// What a client is told, in AWS's words: "User: … is not authorized to perform: …".
ServiceError access_denied(const PolicyRequest& request, const Decision& decision);

}  // namespace ticklake::aws
