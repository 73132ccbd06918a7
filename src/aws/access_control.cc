#include "aws/access_control.h"

#include "aws/session_token.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kTemporaryStart = "ASIA";

tl::unexpected<ServiceError> unknown_key() {
  return refuse(ErrorKind::kInvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records.");
}

tl::unexpected<ServiceError> invalid_token() {
  return refuse(ErrorKind::kInvalidToken, "The provided token is malformed or otherwise invalid.");
}

Principal principal_of(const User& user) {
  Principal principal;
  principal.kind =
      user.name == IdentityState::kRootName ? PrincipalKind::kRoot : PrincipalKind::kUser;
  principal.arn = user.arn();
  principal.user_id = user.id;
  if (principal.kind == PrincipalKind::kUser) principal.user_name = user.name;
  return principal;
}

Principal principal_of(const Role& role, const SessionClaims& claims) {
  Principal principal;
  principal.kind = PrincipalKind::kAssumedRole;
  principal.arn = std::string("arn:aws:sts::")
                      .append(kAccountId)
                      .append(":assumed-role/")
                      .append(role.name)
                      .append("/")
                      .append(claims.session_name);
  principal.user_id = role.id + ":" + claims.session_name;
  principal.role_name = role.name;
  principal.role_arn = role.arn();
  principal.session_name = claims.session_name;
  return principal;
}

/// None if an entity of the claims is gone, or is another of the same name.
std::optional<Principal> principal_of(const SessionClaims& claims, const IdentityState& state) {
  if (claims.kind == PrincipalKind::kAssumedRole) {
    const auto role = state.find_role(claims.identity_name);
    if (!role || role->id != claims.identity_id) return std::nullopt;
    return principal_of(*role, claims);
  }
  const auto user = state.find_user(claims.identity_name);
  if (!user || user->id != claims.identity_id) return std::nullopt;
  return principal_of(*user);
}

void add_policies(std::vector<NamedPolicy>& policies, const IdentityState& state,
                  const Identity& identity) {
  for (const std::string& arn : identity.attached_policies) {
    const auto attached = state.find_policy(arn);
    // One that is gone permits nothing, and could not be deleted while attached.
    if (attached) policies.push_back({attached->name, attached->document.policy.get()});
  }
  for (const auto& [name, document] : identity.inline_policies)
    policies.push_back({name, document.policy.get()});
}

}  // namespace

Answer<AccessControl::Identified> AccessControl::authenticate(
    std::string_view access_key_id, std::string_view session_token) const {
  if (access_key_id.starts_with(kTemporaryStart)) {
    return authenticate_session(access_key_id, session_token);
  }
  const auto user = store_.state()->find_user_of_key(access_key_id);
  if (!user) return unknown_key();
  for (const AccessKey& key : user->keys) {
    if (key.id != access_key_id || !key.is_active) continue;
    if (!session_token.empty()) return invalid_token();
    return Identified{key.secret, principal_of(*user)};
  }
  return unknown_key();
}

Answer<AccessControl::Identified> AccessControl::authenticate_session(
    std::string_view access_key_id, std::string_view session_token) const {
  if (session_token.empty()) return unknown_key();
  const auto claims = open_session_token(session_token, store_.session_key());
  if (!claims || claims->access_key_id != access_key_id) return invalid_token();
  if (store_.now() >= claims->expires) {
    return refuse(ErrorKind::kExpiredToken, "The provided token has expired.");
  }
  auto principal = principal_of(*claims, *store_.state());
  if (!principal) return unknown_key();
  principal->token_issued_at = claims->issued;
  principal->session_policy_arns = claims->policy_arns;
  if (!claims->policy.empty()) {
    auto policy = Policy::parse(claims->policy, PolicyKind::kIdentity);
    if (!policy) return invalid_token();  // no longer understood: nothing may be taken from it
    principal->session_policies.push_back(std::make_shared<const Policy>(std::move(*policy)));
  }
  return Identified{claims->secret_access_key, std::move(*principal)};
}

Decision AccessControl::is_allowed(const PolicyRequest& request) const {
  using Outcome = Decision::Outcome;
  const Principal& principal = request.principal;
  const bool is_session_of_user =
      principal.is_temporary() && principal.kind != PrincipalKind::kAssumedRole;
  if (is_session_of_user && request.action.starts_with("iam:")) {
    return {Outcome::kExplicitDeny, "credentials of GetSessionToken cannot call IAM"};
  }
  if (principal.kind == PrincipalKind::kRoot) return {Outcome::kAllowed, "root may do everything"};

  const auto state = store_.state();
  std::vector<NamedPolicy> identity;
  const bool is_role = principal.kind == PrincipalKind::kAssumedRole;
  // Held until the decision: the policies are theirs.
  const auto user = is_role ? nullptr : state->find_user(principal.user_name);
  const auto role = is_role ? state->find_role(principal.role_name) : nullptr;
  if (user && user->id == principal.user_id) add_policies(identity, *state, *user);
  if (role && principal.user_id.starts_with(role->id + ":")) add_policies(identity, *state, *role);
  if (principal.session_policies.empty() && principal.session_policy_arns.empty()) {
    return decide(request, identity, std::nullopt);
  }
  std::vector<NamedPolicy> session;
  for (const auto& policy : principal.session_policies)
    session.push_back({"of the session", policy.get()});
  for (const std::string& arn : principal.session_policy_arns) {
    const auto managed = state->find_policy(arn);
    if (managed) session.push_back({managed->name, managed->document.policy.get()});
  }
  return decide(request, identity, std::span<const NamedPolicy>(session));
}

}  // namespace ticklake::aws
