#include "aws/identity_policies.h"

#include <algorithm>

namespace ticklake::aws {
namespace {

constexpr size_t kPolicyNameCharactersMax = 128;
constexpr size_t kPathCharactersMax = 512;

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("+=,.@-_").find(c) != std::string_view::npos;
}

tl::unexpected<ServiceError> no_such_policy(std::string_view name, const Identity& identity) {
  return refuse(ErrorKind::kNoSuchEntity,
                "The policy " + std::string(name) + " was not found with " + identity.name + ".");
}

}  // namespace

Answer<void> check_name(std::string_view name, std::string_view member, size_t characters_max) {
  if (!name.empty() && name.size() <= characters_max &&
      std::ranges::all_of(name, is_name_character)) {
    return {};
  }
  return refuse(ErrorKind::kValidation,
                "The specified value for " + std::string(member) +
                    " is invalid. It must contain only alphanumeric characters and/or the "
                    "following: +=,.@_- and have 1 to " +
                    std::to_string(characters_max) + " of them.");
}

Answer<void> check_path(std::string_view path) {
  const bool is_path = path.starts_with('/') && path.ends_with('/') &&
                       path.size() <= kPathCharactersMax &&
                       std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
  if (is_path) return {};
  return refuse(ErrorKind::kValidation,
                "The specified value for path is invalid. It must begin and end with / and contain "
                "only printable ASCII characters.");
}

Answer<void> attach_policy(const IdentityState& state, Identity& identity, std::string_view arn) {
  if (!state.find_policy(arn)) {
    return refuse(ErrorKind::kNoSuchEntity,
                  "Policy " + std::string(arn) + " does not exist or is not attachable.");
  }
  identity.attached_policies.emplace(arn);
  if (identity.attached_policies.size() > kAttachedPoliciesMax) {
    return refuse(ErrorKind::kLimitExceeded, "Cannot exceed quota for attached policies: " +
                                                 std::to_string(kAttachedPoliciesMax));
  }
  return {};
}

Answer<void> detach_policy(Identity& identity, std::string_view arn) {
  if (identity.attached_policies.erase(std::string(arn)) == 0) return no_such_policy(arn, identity);
  return {};
}

Answer<void> put_inline_policy(Identity& identity, std::string_view name, std::string text,
                               size_t characters_max) {
  TICKLAKE_TRY(check_name(name, "policyName", kPolicyNameCharactersMax));
  TICKLAKE_ASSIGN(
      PolicyDocument document,
      parse_policy_document(std::move(text), PolicyKind::kIdentity, kPolicyTextBytesMax));
  identity.inline_policies[std::string(name)] = std::move(document);
  size_t characters = 0;
  for (const auto& [policy, one] : identity.inline_policies)
    characters += policy_characters(one.text);
  if (characters > characters_max) {
    return refuse(ErrorKind::kLimitExceeded, "Maximum policy size of " +
                                                 std::to_string(characters_max) +
                                                 " bytes exceeded for " + identity.name);
  }
  return {};
}

Answer<void> delete_inline_policy(Identity& identity, std::string_view name) {
  if (identity.inline_policies.erase(std::string(name)) == 0) return no_such_policy(name, identity);
  return {};
}

Answer<std::string> inline_policy(const Identity& identity, std::string_view name) {
  const auto found = identity.inline_policies.find(std::string(name));
  if (found == identity.inline_policies.end()) return no_such_policy(name, identity);
  return found->second.text;
}

std::vector<AttachedPolicy> attached_policies(const IdentityState& state,
                                              const Identity& identity) {
  std::vector<AttachedPolicy> attached;
  for (const std::string& arn : identity.attached_policies) {
    const auto policy = state.find_policy(arn);
    attached.push_back({policy ? policy->name : arn.substr(arn.rfind('/') + 1), arn});
  }
  return attached;
}

std::vector<std::string> inline_policy_names(const Identity& identity) {
  std::vector<std::string> names;
  for (const auto& [name, document] : identity.inline_policies)
    names.push_back(name);
  return names;
}

Answer<void> check_has_no_policies(const Identity& identity) {
  if (!identity.attached_policies.empty()) {
    return refuse(ErrorKind::kDeleteConflict,
                  "Cannot delete entity, must detach all policies first.");
  }
  if (!identity.inline_policies.empty()) {
    return refuse(ErrorKind::kDeleteConflict, "Cannot delete entity, must delete policies first.");
  }
  return {};
}

}  // namespace ticklake::aws
