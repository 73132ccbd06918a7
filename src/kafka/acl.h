#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ticklake::kafka {

// Kafka's access control lists: who may do what to which resources (KIP-11, KIP-140), named one by
// one or by a prefix (KIP-290). The numbers are those of the wire.

enum class ResourceType : int8_t {
  kUnknown = 0,
  kAny = 1,  ///< in filters
  kTopic = 2,
  kGroup = 3,
  kCluster = 4,
  kTransactionalId = 5,
  kDelegationToken = 6,
  kUser = 7,
};

enum class PatternType : int8_t {
  kUnknown = 0,
  kAny = 1,      ///< in filters: either pattern, of exactly that name
  kMatch = 2,    ///< in filters: every pattern that a resource of that name falls under
  kLiteral = 3,  ///< this name, or with "*" every name
  kPrefixed = 4,
};

enum class AclOperation : int8_t {
  kUnknown = 0,
  kAny = 1,  ///< in filters
  kAll = 2,
  kRead = 3,
  kWrite = 4,
  kCreate = 5,
  kDelete = 6,
  kAlter = 7,
  kDescribe = 8,
  kClusterAction = 9,
  kDescribeConfigs = 10,
  kAlterConfigs = 11,
  kIdempotentWrite = 12,
  kCreateTokens = 13,
  kDescribeTokens = 14,
};

enum class AclPermission : int8_t {
  kUnknown = 0,
  kAny = 1,  ///< in filters
  kDeny = 2,
  kAllow = 3,
};

/// The name of the only resource of type cluster.
inline constexpr std::string_view kClusterName = "kafka-cluster";
/// Every name, as a literal pattern; every host.
inline constexpr std::string_view kWildcard = "*";
inline constexpr std::string_view kEveryUser = "User:*";

struct Acl {
  ResourceType resource_type = ResourceType::kTopic;
  PatternType pattern_type = PatternType::kLiteral;
  std::string resource_name;
  std::string principal;  ///< "User:alice"; compared as text
  std::string host;       ///< an address without a port, or "*"
  AclOperation operation = AclOperation::kAll;
  AclPermission permission = AclPermission::kAllow;

  auto operator<=>(const Acl&) const = default;
};

/// Which ACLs an administrator means. What is not said matches all.
struct AclFilter {
  ResourceType resource_type = ResourceType::kAny;
  PatternType pattern_type = PatternType::kAny;
  std::optional<std::string> resource_name = {};
  std::optional<std::string> principal = {};
  std::optional<std::string> host = {};
  AclOperation operation = AclOperation::kAny;
  AclPermission permission = AclPermission::kAny;

  bool matches(const Acl& acl) const;
};

/// As the command line and files name them: "transactional-id", "prefixed", "DescribeConfigs",
/// "allow"; "unknown" for a number without a name.
std::string_view name_of(ResourceType type);
std::string_view name_of(PatternType type);
std::string_view name_of(AclOperation operation);
std::string_view name_of(AclPermission permission);

/// The reverse, without regard to case; kUnknown if there is no such name.
ResourceType parse_resource_type(std::string_view name);
PatternType parse_pattern_type(std::string_view name);
AclOperation parse_acl_operation(std::string_view name);
AclPermission parse_acl_permission(std::string_view name);

/// What can be done to resources of that type, but for kAll.
std::span<const AclOperation> operations_of(ResourceType type);

}  // namespace ticklake::kafka
