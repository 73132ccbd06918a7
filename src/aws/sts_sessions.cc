#include "aws/sts_sessions.h"

#include <algorithm>

#include "aws/identity_policies.h"

namespace ticklake::aws {
namespace {

using std::chrono::seconds;

constexpr std::string_view kAssumeRoleAction = "sts:AssumeRole";
constexpr size_t kIdCharacters = 16;
constexpr size_t kSessionNameCharactersMin = 2;
constexpr size_t kSessionNameCharactersMax = 64;
constexpr size_t kSessionPolicyArnsMax = 10;
constexpr seconds kDurationMin{900};
constexpr seconds kSessionTokenDefault{43'200};
constexpr seconds kSessionTokenMax{129'600};
constexpr seconds kRootSessionMax{3'600};
constexpr seconds kChainedMax{3'600};

Answer<void> check_duration(seconds duration, seconds most) {
  if (duration >= kDurationMin && duration <= most) return {};
  return refuse(ErrorKind::kValidation, "DurationSeconds must be from " +
                                            std::to_string(kDurationMin.count()) + " to " +
                                            std::to_string(most.count()) + ".");
}

/// The name at the end of a role's ARN, if the ARN is the role's.
IdentityState::RolePointer role_of(const IdentityState& state, std::string_view arn) {
  const size_t slash = arn.rfind('/');
  if (slash == std::string_view::npos) return nullptr;
  auto role = state.find_role(arn.substr(slash + 1));
  return role && role->arn() == arn ? role : nullptr;
}

tl::unexpected<ServiceError> may_not_assume(const Principal& caller, std::string_view role_arn,
                                            std::string reason) {
  return tl::unexpected(ServiceError{
      ErrorKind::kAccessDenied,
      "User: " + caller.arn +
          " is not authorized to perform: sts:AssumeRole on resource: " + std::string(role_arn),
      std::move(reason)});
}

}  // namespace

StsSessions::TemporaryCredentials StsSessions::make(SessionClaims claims, seconds duration) const {
  claims.access_key_id = store_.new_id("ASIA", kIdCharacters);
  claims.secret_access_key = store_.new_secret();
  claims.issued = std::chrono::floor<seconds>(store_.now());
  claims.expires = claims.issued + duration;
  const std::string token = seal_session_token(claims, store_.session_key(), store_.random());
  return {{claims.access_key_id, claims.secret_access_key, token}, claims.expires};
}

Answer<StsSessions::TemporaryCredentials> StsSessions::get_session_token(
    const Principal& caller, std::optional<seconds> duration) const {
  if (caller.is_temporary()) {
    return refuse(ErrorKind::kAccessDenied, "Cannot call GetSessionToken with session credentials");
  }
  const bool is_root = caller.kind == PrincipalKind::kRoot;
  const seconds asked = duration.value_or(is_root ? kRootSessionMax : kSessionTokenDefault);
  TICKLAKE_TRY(check_duration(asked, kSessionTokenMax));
  SessionClaims claims;
  claims.kind = caller.kind;
  claims.identity_name = is_root ? std::string(IdentityState::kRootName) : caller.user_name;
  claims.identity_id = caller.user_id;
  // As with AWS, more for root is no error.
  return make(std::move(claims), is_root ? std::min(asked, kRootSessionMax) : asked);
}

Answer<void> StsSessions::check_may_assume(const Principal& caller, const Role& role,
                                           const AssumeRole& request,
                                           RequestContext context) const {
  context.external_id = request.external_id;
  context.role_session_name = request.session_name;
  const PolicyRequest question{caller, kAssumeRoleAction, request.role_arn, context};
  const Decision own = access_.is_allowed(question);
  using Outcome = Decision::Outcome;
  if (own.outcome == Outcome::kExplicitDeny) {
    return may_not_assume(caller, request.role_arn, own.reason);
  }
  switch (role.trust.policy->trust_in(question)) {
    case Policy::Trust::kNone:
      return may_not_assume(caller, request.role_arn, "the role's trust policy does not name it");
    case Policy::Trust::kDenied:
      return may_not_assume(caller, request.role_arn, "the role's trust policy denies it");
    case Policy::Trust::kDirect: return {};
    case Policy::Trust::kAccount: break;
  }
  if (!own.is_allowed()) return may_not_assume(caller, request.role_arn, own.reason);
  return {};
}

Answer<void> StsSessions::check_session_policies(const AssumeRole& request) const {
  if (!request.policy.empty()) {
    const auto parsed =
        parse_policy_document(request.policy, PolicyKind::kIdentity, kSessionPolicyCharactersMax);
    if (!parsed) return tl::unexpected(parsed.error());
  }
  if (request.policy_arns.size() > kSessionPolicyArnsMax) {
    return refuse(ErrorKind::kValidation, "PolicyArns has more than 10 members.");
  }
  const auto state = store_.state();
  for (const std::string& arn : request.policy_arns) {
    if (state->find_policy(arn)) continue;
    return refuse(ErrorKind::kValidation, "Policy " + arn + " does not exist.");
  }
  return {};
}

Answer<StsSessions::AssumedRole> StsSessions::assume_role(const Principal& caller,
                                                          const AssumeRole& request,
                                                          const RequestContext& context) const {
  TICKLAKE_TRY(check_name(request.session_name, "roleSessionName", kSessionNameCharactersMax));
  if (request.session_name.size() < kSessionNameCharactersMin) {
    return refuse(ErrorKind::kValidation, "RoleSessionName must have at least 2 characters.");
  }
  const auto role = role_of(*store_.state(), request.role_arn);
  // Who may not take a role is not told whether there is one.
  if (!role) return may_not_assume(caller, request.role_arn, "there is no such role");
  TICKLAKE_TRY(check_may_assume(caller, *role, request, context));
  TICKLAKE_TRY(check_session_policies(request));
  const seconds duration = request.duration.value_or(kRoleSessionDefault);
  const bool is_chained = caller.kind == PrincipalKind::kAssumedRole;
  TICKLAKE_TRY(check_duration(duration, is_chained ? kChainedMax : role->session_max));
  SessionClaims claims;
  claims.kind = PrincipalKind::kAssumedRole;
  claims.identity_name = role->name;
  claims.identity_id = role->id;
  claims.session_name = request.session_name;
  claims.policy = request.policy;
  claims.policy_arns = request.policy_arns;
  return AssumedRole{make(std::move(claims), duration),
                     std::string("arn:aws:sts::")
                         .append(kAccountId)
                         .append(":assumed-role/")
                         .append(role->name)
                         .append("/")
                         .append(request.session_name),
                     role->id + ":" + request.session_name};
}

Answer<std::string> StsSessions::access_key_account(std::string_view access_key_id) const {
  const bool is_temporary = access_key_id.starts_with("ASIA");
  if (!is_temporary && !access_key_id.starts_with("AKIA")) {
    return refuse(ErrorKind::kValidation, "The access key id must begin with AKIA or ASIA.");
  }
  // Sessions are not kept, so of their keys only the form is known.
  if (is_temporary || store_.state()->find_user_of_key(access_key_id)) {
    return std::string(kAccountId);
  }
  return refuse(ErrorKind::kAccessDenied, "The access key id is not one of this account.");
}

}  // namespace ticklake::aws
