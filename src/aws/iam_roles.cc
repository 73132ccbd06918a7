#include "aws/iam_roles.h"

namespace ticklake::aws {
namespace {

constexpr size_t kRoleNameCharactersMax = 64;
constexpr size_t kDescriptionBytesMax = 1'000;
constexpr size_t kIdCharacters = 17;
constexpr std::chrono::hours kSessionMaxLeast{1};
constexpr std::chrono::hours kSessionMaxMost{12};

Answer<IdentityState::RolePointer> found(const IdentityState& state, std::string_view name) {
  auto role = state.find_role(name);
  if (role) return role;
  return refuse(ErrorKind::kNoSuchEntity,
                "The role with name " + std::string(name) + " cannot be found.");
}

Answer<PolicyDocument> parse_trust(const std::string& text) {
  return parse_policy_document(text, PolicyKind::kTrust, kTrustPolicyCharactersMax);
}

}  // namespace

Answer<void> IamRoles::change(
    std::string_view name, const std::function<Answer<void>(const IdentityState&, Role&)>& change) {
  return store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    TICKLAKE_ASSIGN(const RolePointer role, found(next.state(), name));
    Role changed = *role;
    TICKLAKE_TRY(change(next.state(), changed));
    return next.put(std::move(changed));
  });
}

Answer<IamRoles::RolePointer> IamRoles::create(const Description& description) {
  TICKLAKE_TRY(check_name(description.name, "roleName", kRoleNameCharactersMax));
  TICKLAKE_TRY(check_path(description.path));
  if (description.session_max < kSessionMaxLeast || description.session_max > kSessionMaxMost) {
    return refuse(ErrorKind::kValidation, "maxSessionDuration must be from 3600 to 43200 seconds.");
  }
  if (description.description.size() > kDescriptionBytesMax) {
    return refuse(ErrorKind::kValidation, "description must have at most 1000 characters.");
  }
  Role role;
  TICKLAKE_ASSIGN(role.trust, parse_trust(description.trust));
  role.name = description.name;
  role.id = store_.new_id("AROA", kIdCharacters);
  role.path = description.path;
  role.created = store_.now();
  role.description = description.description;
  role.session_max = description.session_max;
  TICKLAKE_TRY(store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    if (next.state().find_role(role.name)) {
      return refuse(ErrorKind::kEntityAlreadyExists,
                    "Role with name " + role.name + " already exists.");
    }
    if (next.state().role_count() >= kRolesMax) {
      return refuse(ErrorKind::kLimitExceeded,
                    "Cannot exceed quota for roles: " + std::to_string(kRolesMax));
    }
    return next.put(role);
  }));
  return get(role.name);
}

Answer<IamRoles::RolePointer> IamRoles::get(std::string_view name) const {
  return found(*store_.state(), name);
}

Answer<void> IamRoles::remove(std::string_view name) {
  return store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    TICKLAKE_ASSIGN(const RolePointer role, found(next.state(), name));
    TICKLAKE_TRY(check_has_no_policies(*role));
    return next.remove_role(name);
  });
}

Answer<void> IamRoles::update_trust(std::string_view name, std::string text) {
  TICKLAKE_ASSIGN(PolicyDocument trust, parse_trust(text));
  return change(name, [&](const IdentityState&, Role& role) -> Answer<void> {
    role.trust = trust;
    return {};
  });
}

Answer<void> IamRoles::attach_policy(std::string_view name, std::string_view arn) {
  return change(name, [&](const IdentityState& state, Role& role) {
    return aws::attach_policy(state, role, arn);
  });
}

Answer<void> IamRoles::detach_policy(std::string_view name, std::string_view arn) {
  return change(name,
                [&](const IdentityState&, Role& role) { return aws::detach_policy(role, arn); });
}

Answer<std::vector<AttachedPolicy>> IamRoles::list_attached_policies(std::string_view name) const {
  const auto state = store_.state();
  TICKLAKE_ASSIGN(const RolePointer role, found(*state, name));
  return attached_policies(*state, *role);
}

Answer<void> IamRoles::put_policy(std::string_view name, std::string_view policy,
                                  std::string text) {
  return change(name, [&](const IdentityState&, Role& role) {
    return put_inline_policy(role, policy, text, kRolePoliciesCharactersMax);
  });
}

Answer<std::string> IamRoles::get_policy(std::string_view name, std::string_view policy) const {
  TICKLAKE_ASSIGN(const RolePointer role, get(name));
  return inline_policy(*role, policy);
}

Answer<std::vector<std::string>> IamRoles::list_policies(std::string_view name) const {
  TICKLAKE_ASSIGN(const RolePointer role, get(name));
  return inline_policy_names(*role);
}

Answer<void> IamRoles::delete_policy(std::string_view name, std::string_view policy) {
  return change(
      name, [&](const IdentityState&, Role& role) { return delete_inline_policy(role, policy); });
}

}  // namespace ticklake::aws
