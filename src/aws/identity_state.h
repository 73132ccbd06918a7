#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/policy.h"
#include "aws/service_error.h"
#include "base/clock.h"

namespace ticklake::aws {

/// IAM's state as values: who there is and what they may do. Without I/O.

/// IAM's own limits.
inline constexpr size_t kAccessKeysPerUserMax = 2;
inline constexpr size_t kAttachedPoliciesMax = 10;
inline constexpr size_t kUsersMax = 5'000;
inline constexpr size_t kRolesMax = 1'000;
inline constexpr size_t kPoliciesMax = 1'500;
inline constexpr std::chrono::seconds kRoleSessionDefault{3'600};

/// A secret is kept as it is: a signature cannot be checked without it.
struct AccessKey {
  std::string id;      ///< `AKIA` and 16 letters and digits
  std::string secret;  ///< 40 characters
  bool is_active = true;
  base::WallTime created;
};

/// A policy's text as it was put, and what it says.
struct PolicyDocument {
  std::string text;
  std::shared_ptr<const Policy> policy;
};

/// Fails as Policy::parse() does, and with kLimitExceeded above so many characters.
Answer<PolicyDocument> parse_policy_document(std::string text, PolicyKind kind,
                                             size_t characters_max);

/// What users and roles have in common.
struct Identity {
  std::string name;
  std::string id;  ///< `AIDA…` or `AROA…`: told apart from another of the same name, later
  std::string path = "/";
  base::WallTime created;
  std::set<std::string> attached_policies = {};  ///< ARNs
  std::map<std::string, PolicyDocument> inline_policies = {};
};

struct User : Identity {
  std::vector<AccessKey> keys = {};

  std::string arn() const;
};

struct Role : Identity {
  std::string description = {};
  std::chrono::seconds session_max = kRoleSessionDefault;
  PolicyDocument trust = {};

  std::string arn() const;
};

struct ManagedPolicy {
  std::string name;
  std::string id;  ///< `ANPA…`
  std::string path = "/";
  std::string description = {};
  base::WallTime created;
  bool is_of_aws = false;
  PolicyDocument document = {};

  std::string arn() const;
};

/// A value: whoever holds one sees no later change. Copying it copies pointers.
class IdentityState {
 public:
  using UserPointer = std::shared_ptr<const User>;
  using RolePointer = std::shared_ptr<const Role>;
  using PolicyPointer = std::shared_ptr<const ManagedPolicy>;

  /// The account itself. Its user has no name that CreateUser could give, and no policies.
  static constexpr std::string_view kRootName = "<root>";

  /// With AWS's own policies.
  IdentityState();

  /// Null if there is none. Names are compared without case, as IAM does.
  UserPointer find_user(std::string_view name) const;
  RolePointer find_role(std::string_view name) const;
  PolicyPointer find_policy(std::string_view arn) const;
  /// Whose key it is; null if nobody's.
  UserPointer find_user_of_key(std::string_view access_key_id) const;
  /// How many users and roles a policy is attached to.
  size_t attachments(std::string_view policy_arn) const;

  /// By name; without the root.
  std::vector<UserPointer> users() const;
  std::vector<RolePointer> roles() const;
  std::vector<PolicyPointer> policies() const;
  size_t user_count() const { return users_.size(); }
  size_t role_count() const { return roles_.size(); }
  size_t policy_count() const { return policies_.size(); }

  /// In the place of the one of that name, if there is one.
  void put(UserPointer user);
  void put(RolePointer role);
  void put(PolicyPointer policy);
  void remove_user(std::string_view name);
  void remove_role(std::string_view name);
  void remove_policy(std::string_view arn);

 private:
  std::map<std::string, UserPointer, std::less<>> users_;  ///< by name in lower case
  std::map<std::string, RolePointer, std::less<>> roles_;
  std::map<std::string, PolicyPointer, std::less<>> policies_;  ///< by ARN
  std::map<std::string, UserPointer, std::less<>> key_owners_;
};

}  // namespace ticklake::aws
