#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/acl.h"

namespace ticklake::broker {

/// May this principal, at this host, do that to this resource?
struct AclQuestion {
  kafka::AclOperation operation;
  kafka::ResourceType resource_type;
  std::string_view resource_name;
  std::string_view principal;  ///< "User:alice"
  std::string_view host;       ///< an address without a port
};

enum class AclVerdict : uint8_t {
  kAllowed,
  kDenied,  ///< an ACL denies it, or there are ACLs for the resource and none allows it
  kNoAcl,   ///< no ACL is about the resource
};

/// A set of ACLs that answers questions by looking up the resource's name and its prefixes, and
/// there the principal: the number of all ACLs matters little. Belongs to one thread.
///
/// The rules are those of Kafka's StandardAuthorizer: a deny wins over every allow; to be allowed
/// to Read, Write, Delete or Alter is to be allowed to Describe, AlterConfigs likewise for
/// DescribeConfigs, but to be denied one of these denies nothing else; All is every operation.
class AclIndex {
 public:
  /// Its resource, pattern, operation and permission must be definite. False if it was there.
  bool add(const kafka::Acl& acl);
  /// False if it was not there.
  bool remove(const kafka::Acl& acl);

  AclVerdict check(const AclQuestion& question) const;
  /// Whether there may be a resource of the type to which the principal may do that. The question's
  /// name does not matter. Looks at every pattern of the type.
  bool allows_somewhere(const AclQuestion& question) const;

  /// By resource type, pattern type, name and principal.
  std::vector<kafka::Acl> matching(const kafka::AclFilter& filter) const;

  size_t size() const { return size_; }
  /// Of all names in it.
  size_t bytes() const { return bytes_; }

 private:
  struct Rule {
    std::string host;
    kafka::AclOperation operation;
    kafka::AclPermission permission;

    auto operator<=>(const Rule&) const = default;
  };
  using RulesByPrincipal = std::map<std::string, std::set<Rule>, std::less<>>;
  using RulesByName = std::map<std::string, RulesByPrincipal, std::less<>>;
  struct Patterns {
    RulesByName literal;
    RulesByName prefixed;
    /// How many prefixes there are of each length, so that a name is cut only where one may fit.
    std::map<size_t, size_t> prefix_lengths;

    RulesByName& of(kafka::PatternType type) {
      return type == kafka::PatternType::kPrefixed ? prefixed : literal;
    }
  };
  /// What was found so far.
  struct Finding {
    bool has_acl = false;
    bool is_allowed = false;
    bool is_denied = false;
  };

  static bool is_meant(const Rule& rule, const AclQuestion& question);
  static void look(const RulesByName& rules, std::string_view name, const AclQuestion& question,
                   Finding& finding);
  static Finding find(const RulesByPrincipal& rules, const AclQuestion& question);
  static bool is_prefix_denied(const Patterns& patterns, std::string_view name,
                               const AclQuestion& question);
  static void collect(kafka::ResourceType resource, kafka::PatternType pattern,
                      const RulesByName& names, const kafka::AclFilter& filter,
                      std::vector<kafka::Acl>& into);
  const Patterns& patterns(kafka::ResourceType type) const {
    return by_type_.at(static_cast<size_t>(type));
  }

  std::array<Patterns, 8> by_type_;  ///< by the number of the resource type
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace ticklake::broker
