#include "aws/policy.h"

#include <algorithm>

#include "aws/policy_parser.h"
#include "base/utf8.h"

namespace ticklake::aws {
namespace {

bool any_matches(const std::vector<PolicyPattern>& patterns, std::string_view text,
                 const PolicyRequest& request) {
  return std::ranges::any_of(patterns, [&](const PolicyPattern& pattern) {
    return pattern.matches(text, request) == true;
  });
}

std::string quoted(std::string_view name) { return "the policy " + std::string(name); }

}  // namespace

size_t policy_characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) {
    return c != ' ' && c != '\t' && c != '\r' && c != '\n' && !base::continues_utf8(c);
  }));
}

Answer<Policy> Policy::parse(std::string_view text, PolicyKind kind) {
  return PolicyParser(kind).parse(text);
}

bool Policy::Statement::is_about_action(const PolicyRequest& request) const {
  return any_matches(actions, request.action, request) != is_not_action;
}

bool Policy::Statement::is_about_resource(const PolicyRequest& request) const {
  return any_matches(resources, request.resource, request) != is_not_resource;
}

bool Policy::Statement::conditions_hold(const PolicyRequest& request) const {
  return std::ranges::all_of(conditions, [&](const PolicyCondition& condition) {
    // What cannot be told neither allows nor keeps a deny from denying.
    return condition.holds(request).value_or(effect == Effect::kDeny);
  });
}

std::optional<Effect> Policy::effect_on(const PolicyRequest& request) const {
  std::optional<Effect> effect;
  for (const Statement& statement : statements_) {
    if (!statement.is_about_action(request) || !statement.is_about_resource(request) ||
        !statement.conditions_hold(request)) {
      continue;
    }
    if (statement.effect == Effect::kDeny) return Effect::kDeny;
    effect = Effect::kAllow;
  }
  return effect;
}

Policy::Trust Policy::trust_of(const Statement& statement, const Principal& principal) {
  using Kind = TrustedPrincipal::Kind;
  Trust trust = Trust::kNone;
  for (const TrustedPrincipal& trusted : statement.principals) {
    switch (trusted.kind) {
      case Kind::kAnyone: trust = std::max(trust, Trust::kAccount); break;
      case Kind::kAccount:
        if (trusted.value == kAccountId) trust = std::max(trust, Trust::kAccount);
        break;
      case Kind::kArn:
        if (trusted.value == principal.arn ||
            (!principal.role_arn.empty() && trusted.value == principal.role_arn)) {
          return Trust::kDirect;
        }
        break;
      case Kind::kService: break;  // who signs is never a service
    }
  }
  return trust;
}

Policy::Trust Policy::trust_in(const PolicyRequest& request) const {
  Trust trust = Trust::kNone;
  for (const Statement& statement : statements_) {
    const Trust of_statement = trust_of(statement, request.principal);
    if (of_statement == Trust::kNone || !statement.is_about_action(request) ||
        !statement.conditions_hold(request)) {
      continue;
    }
    if (statement.effect == Effect::kDeny) return Trust::kDenied;
    trust = std::max(trust, of_statement);
  }
  return trust;
}

Decision decide(const PolicyRequest& request, std::span<const NamedPolicy> identity,
                std::optional<std::span<const NamedPolicy>> session) {
  using Outcome = Decision::Outcome;
  std::string allowed_by;
  bool is_allowed_in_session = !session;
  const auto denier = [&](std::span<const NamedPolicy> policies, auto on_allow) {
    for (const NamedPolicy& one : policies) {
      const auto effect = one.policy->effect_on(request);
      if (effect == Effect::kDeny) return quoted(one.name);
      if (effect == Effect::kAllow) on_allow(one);
    }
    return std::string();
  };
  std::string denied_by = denier(identity, [&](const NamedPolicy& one) {
    if (allowed_by.empty()) allowed_by = quoted(one.name);
  });
  if (!denied_by.empty()) return {Outcome::kExplicitDeny, denied_by + " denies it"};
  if (session) {
    denied_by = denier(*session, [&](const NamedPolicy&) { is_allowed_in_session = true; });
    if (!denied_by.empty()) return {Outcome::kExplicitDeny, denied_by + " denies it"};
  }
  if (allowed_by.empty()) return {Outcome::kImplicitDeny, "no identity-based policy allows it"};
  if (!is_allowed_in_session) return {Outcome::kImplicitDeny, "no session policy allows it"};
  return {Outcome::kAllowed, allowed_by + " allows it"};
}

ServiceError access_denied(const PolicyRequest& request, const Decision& decision) {
  std::string message = "User: " + request.principal.arn +
                        " is not authorized to perform: " + std::string(request.action) +
                        " on resource: " + std::string(request.resource);
  if (decision.outcome == Decision::Outcome::kExplicitDeny) {
    message += " with an explicit deny";
  } else {
    message += " because " + decision.reason;
  }
  return {ErrorKind::kAccessDenied, std::move(message), decision.reason};
}

}  // namespace ticklake::aws
