#include "kafka/acl.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ticklake::kafka {
namespace {

// By number.
constexpr std::array<std::string_view, 8> kResourceTypes{
    "unknown", "any", "topic", "group", "cluster", "transactional-id", "delegation-token", "user"};
constexpr std::array<std::string_view, 5> kPatternTypes{"unknown", "any", "match", "literal",
                                                        "prefixed"};
constexpr std::array<std::string_view, 15> kOperations{"unknown",
                                                       "Any",
                                                       "All",
                                                       "Read",
                                                       "Write",
                                                       "Create",
                                                       "Delete",
                                                       "Alter",
                                                       "Describe",
                                                       "ClusterAction",
                                                       "DescribeConfigs",
                                                       "AlterConfigs",
                                                       "IdempotentWrite",
                                                       "CreateTokens",
                                                       "DescribeTokens"};
constexpr std::array<std::string_view, 4> kPermissions{"unknown", "any", "deny", "allow"};

template <typename Names, typename Enum>
std::string_view name_in(const Names& names, Enum value) {
  const auto index = static_cast<size_t>(static_cast<uint8_t>(value));
  return index < names.size() ? names[index] : names[0];
}

bool is_same(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

template <typename Enum, typename Names>
Enum parse_in(const Names& names, std::string_view name) {
  for (size_t i = 1; i < names.size(); ++i) {
    if (is_same(names[i], name)) return static_cast<Enum>(i);
  }
  return Enum::kUnknown;
}

bool is_under(const std::string& name, const Acl& acl) {
  if (acl.pattern_type == PatternType::kPrefixed) return name.starts_with(acl.resource_name);
  return acl.resource_name == name || acl.resource_name == kWildcard;
}

}  // namespace

bool AclFilter::matches(const Acl& acl) const {
  if (resource_type != ResourceType::kAny && resource_type != acl.resource_type) return false;
  const bool is_any_pattern =
      pattern_type == PatternType::kAny || pattern_type == PatternType::kMatch;
  if (!is_any_pattern && pattern_type != acl.pattern_type) return false;
  if (principal && *principal != acl.principal) return false;
  if (host && *host != acl.host) return false;
  if (operation != AclOperation::kAny && operation != acl.operation) return false;
  if (permission != AclPermission::kAny && permission != acl.permission) return false;
  if (!resource_name) return true;
  if (pattern_type == PatternType::kMatch) return is_under(*resource_name, acl);
  return *resource_name == acl.resource_name;
}

std::string_view name_of(ResourceType type) { return name_in(kResourceTypes, type); }
std::string_view name_of(PatternType type) { return name_in(kPatternTypes, type); }
std::string_view name_of(AclOperation operation) { return name_in(kOperations, operation); }
std::string_view name_of(AclPermission permission) { return name_in(kPermissions, permission); }

ResourceType parse_resource_type(std::string_view name) {
  return parse_in<ResourceType>(kResourceTypes, name);
}
PatternType parse_pattern_type(std::string_view name) {
  return parse_in<PatternType>(kPatternTypes, name);
}
AclOperation parse_acl_operation(std::string_view name) {
  return parse_in<AclOperation>(kOperations, name);
}
AclPermission parse_acl_permission(std::string_view name) {
  return parse_in<AclPermission>(kPermissions, name);
}

std::span<const AclOperation> operations_of(ResourceType type) {
  using enum AclOperation;
  static constexpr std::array kTopic{kRead,   kWrite, kCreate,          kDescribe,
                                     kDelete, kAlter, kDescribeConfigs, kAlterConfigs};
  static constexpr std::array kGroup{kRead, kDescribe, kDelete, kDescribeConfigs, kAlterConfigs};
  static constexpr std::array kCluster{kCreate,       kClusterAction,   kDescribeConfigs,
                                       kAlterConfigs, kIdempotentWrite, kAlter,
                                       kDescribe};
  static constexpr std::array kTransactionalId{kDescribe, kWrite};
  static constexpr std::array kDelegationToken{kDescribe};
  static constexpr std::array kUser{kCreateTokens, kDescribeTokens};
  switch (type) {
    case ResourceType::kTopic: return kTopic;
    case ResourceType::kGroup: return kGroup;
    case ResourceType::kCluster: return kCluster;
    case ResourceType::kTransactionalId: return kTransactionalId;
    case ResourceType::kDelegationToken: return kDelegationToken;
    case ResourceType::kUser: return kUser;
    case ResourceType::kUnknown:
    case ResourceType::kAny: break;
  }
  return {};
}

}  // namespace ticklake::kafka
