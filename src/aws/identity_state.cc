#include "aws/identity_state.h"

#include <algorithm>

#include "aws/aws_managed_policies.h"
#include "aws/hash.h"
#include "aws/request_view.h"
#include "base/assert.h"

namespace ticklake::aws {
namespace {

std::string iam_arn(std::string_view account, std::string_view kind, std::string_view path,
                    std::string_view name) {
  return std::string("arn:aws:iam::")
      .append(account)
      .append(":")
      .append(kind)
      .append(path)
      .append(name);
}

template <typename Map>
auto found(const Map& map, std::string_view key) -> typename Map::mapped_type {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : at->second;
}

template <typename Map>
auto values_of(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(map.size());
  for (const auto& [key, value] : map)
    values.push_back(value);
  return values;
}

IdentityState::PolicyPointer of_aws(const AwsManagedPolicy& managed) {
  auto document = parse_policy_document(std::string(managed.document), PolicyKind::kIdentity,
                                        kManagedPolicyCharactersMax);
  TICKLAKE_ASSERT(document);
  auto policy = std::make_shared<ManagedPolicy>();
  policy->name = managed.name;
  policy->id = "ANPA" + to_hex(sha256(managed.name)).substr(0, 17);
  std::ranges::transform(policy->id, policy->id.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  policy->path = managed.path;
  policy->description = managed.description;
  policy->is_of_aws = true;
  policy->document = std::move(*document);
  return policy;
}

}  // namespace

Answer<PolicyDocument> parse_policy_document(std::string text, PolicyKind kind,
                                             size_t characters_max) {
  TICKLAKE_ASSIGN(Policy policy, Policy::parse(text, kind));
  if (policy_characters(text) > characters_max) {
    return refuse(ErrorKind::kLimitExceeded,
                  "The policy has more than " + std::to_string(characters_max) + " characters.");
  }
  return PolicyDocument{std::move(text), std::make_shared<const Policy>(std::move(policy))};
}

std::string User::arn() const {
  return name == IdentityState::kRootName ? root_arn() : iam_arn(kAccountId, "user", path, name);
}

std::string Role::arn() const { return iam_arn(kAccountId, "role", path, name); }

std::string ManagedPolicy::arn() const {
  return iam_arn(is_of_aws ? "aws" : kAccountId, "policy", path, name);
}

IdentityState::IdentityState() {
  for (const AwsManagedPolicy& managed : aws_managed_policies())
    put(of_aws(managed));
}

IdentityState::UserPointer IdentityState::find_user(std::string_view name) const {
  return found(users_, lower_case(name));
}

IdentityState::RolePointer IdentityState::find_role(std::string_view name) const {
  return found(roles_, lower_case(name));
}

IdentityState::PolicyPointer IdentityState::find_policy(std::string_view arn) const {
  return found(policies_, arn);
}

IdentityState::UserPointer IdentityState::find_user_of_key(std::string_view access_key_id) const {
  return found(key_owners_, access_key_id);
}

size_t IdentityState::attachments(std::string_view policy_arn) const {
  const std::string arn(policy_arn);
  const auto has = [&](const auto& entry) { return entry.second->attached_policies.contains(arn); };
  return static_cast<size_t>(std::ranges::count_if(users_, has) +
                             std::ranges::count_if(roles_, has));
}

std::vector<IdentityState::UserPointer> IdentityState::users() const {
  auto all = values_of(users_);
  std::erase_if(all, [](const UserPointer& user) { return user->name == kRootName; });
  return all;
}

std::vector<IdentityState::RolePointer> IdentityState::roles() const { return values_of(roles_); }

std::vector<IdentityState::PolicyPointer> IdentityState::policies() const {
  return values_of(policies_);
}

void IdentityState::put(UserPointer user) {
  remove_user(user->name);
  for (const AccessKey& key : user->keys)
    key_owners_[key.id] = user;
  const std::string name = lower_case(user->name);
  users_[name] = std::move(user);
}

void IdentityState::put(RolePointer role) {
  const std::string name = lower_case(role->name);
  roles_[name] = std::move(role);
}

void IdentityState::put(PolicyPointer policy) {
  const std::string arn = policy->arn();
  policies_[arn] = std::move(policy);
}

void IdentityState::remove_user(std::string_view name) {
  const auto at = users_.find(lower_case(name));
  if (at == users_.end()) return;
  for (const AccessKey& key : at->second->keys)
    key_owners_.erase(key.id);
  users_.erase(at);
}

void IdentityState::remove_role(std::string_view name) { roles_.erase(lower_case(name)); }

void IdentityState::remove_policy(std::string_view arn) { policies_.erase(std::string(arn)); }

}  // namespace ticklake::aws
