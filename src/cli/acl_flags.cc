#include "cli/acl_flags.h"

#include <optional>

namespace ticklake::cli {
namespace {

using kafka::Acl;
using kafka::AclOperation;
using kafka::AclPermission;
using kafka::PatternType;
using kafka::ResourceType;

struct Resource {
  ResourceType type;
  std::string name;
};

/// Who, from where, and whether that is allowed or denied.
struct Party {
  std::string principal;
  std::string host;
  AclPermission permission;
};

tl::unexpected<base::Error> unclear(const std::string& what, const std::string& advice) {
  return base::fail(base::ErrorCode::kInvalidArgument, what, "", advice);
}

std::vector<Resource> resources_of(const AclFlags& flags) {
  std::vector<Resource> resources;
  for (const std::string& name : flags.topics)
    resources.push_back({ResourceType::kTopic, name});
  for (const std::string& name : flags.groups)
    resources.push_back({ResourceType::kGroup, name});
  for (const std::string& name : flags.transactional_ids)
    resources.push_back({ResourceType::kTransactionalId, name});
  if (flags.is_cluster)
    resources.push_back({ResourceType::kCluster, std::string(kafka::kClusterName)});
  return resources;
}

base::Result<void> add_parties(const std::vector<std::string>& principals,
                               const std::vector<std::string>& hosts, AclPermission permission,
                               std::vector<Party>& into) {
  for (const std::string& principal : principals) {
    const size_t colon = principal.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == principal.size()) {
      return unclear("'" + principal + "' is no principal", "write it as in User:alice");
    }
    for (const std::string& host : hosts)
      into.push_back({principal, host, permission});
    if (hosts.empty()) into.push_back({principal, std::string(kafka::kWildcard), permission});
  }
  return {};
}

base::Result<std::vector<Party>> parties_of(const AclFlags& flags) {
  std::vector<Party> parties;
  TICKLAKE_TRY(add_parties(flags.allowed, flags.allowed_hosts, AclPermission::kAllow, parties));
  TICKLAKE_TRY(add_parties(flags.denied, flags.denied_hosts, AclPermission::kDeny, parties));
  return parties;
}

base::Result<std::vector<AclOperation>> operations_in(const AclFlags& flags) {
  std::vector<AclOperation> operations;
  for (const std::string& name : flags.operations) {
    const AclOperation operation = kafka::parse_acl_operation(name);
    if (operation <= AclOperation::kAny) {
      return unclear("there is no operation '" + name + "'",
                     "Read, Write, Create, Delete, Alter, Describe, ClusterAction, "
                     "DescribeConfigs, AlterConfigs, IdempotentWrite or All");
    }
    operations.push_back(operation);
  }
  return operations;
}

/// What a producer or a consumer does to a resource of that type.
std::vector<AclOperation> operations_of_role(const AclFlags& flags, ResourceType type) {
  using enum AclOperation;
  std::vector<AclOperation> operations;
  const auto add = [&](std::initializer_list<AclOperation> more) {
    operations.insert(operations.end(), more);
  };
  if (flags.is_producer && type == ResourceType::kTopic) add({kWrite, kDescribe, kCreate});
  if (flags.is_producer && type == ResourceType::kTransactionalId) add({kWrite, kDescribe});
  if (flags.is_consumer && type == ResourceType::kTopic) add({kRead});
  if (flags.is_consumer && type == ResourceType::kTopic && !flags.is_producer) add({kDescribe});
  if (flags.is_consumer && type == ResourceType::kGroup) add({kRead});
  return operations;
}

base::Result<void> check_role(const AclFlags& flags) {
  if (flags.is_idempotent && !flags.is_producer) {
    return unclear("--idempotent says nothing by itself", "add --producer");
  }
  if (!flags.is_producer && !flags.is_consumer) return {};
  if (!flags.operations.empty() || !flags.denied.empty() || !flags.denied_hosts.empty()) {
    return unclear("--producer and --consumer name the operations, and allow them",
                   "leave out --operation and --deny-principal");
  }
  if (flags.topics.empty()) return unclear("of which topic?", "add --topic NAME");
  if (flags.is_consumer && flags.groups.empty()) {
    return unclear("a consumer of which group?", "add --group NAME");
  }
  return {};
}

PatternType pattern_of(const AclFlags& flags) {
  return flags.pattern.empty() ? PatternType::kLiteral : kafka::parse_pattern_type(flags.pattern);
}

/// The cluster has one name, and no prefixes of it.
PatternType pattern_for(const AclFlags& flags, ResourceType type) {
  return type == ResourceType::kCluster ? PatternType::kLiteral : pattern_of(flags);
}

base::Result<void> check_operation(ResourceType type, AclOperation operation) {
  if (operation == AclOperation::kAll) return {};
  std::string names;
  for (const AclOperation possible : kafka::operations_of(type)) {
    if (possible == operation) return {};
    names.append(names.empty() ? "" : ", ").append(name_of(possible));
  }
  return unclear(std::string(name_of(operation)) + " is nothing that can be done to a " +
                     std::string(name_of(type)),
                 "one of " + names + ", All");
}

}  // namespace

void add_resource_flags(CLI::App& command, AclFlags& flags) {
  const auto names = [&command](const char* flag, auto& value, const char* what) {
    command.add_option(flag, value, what)->type_name("NAME")->allow_extra_args(false);
  };
  names("--topic", flags.topics, "a topic; * is every one");
  names("--group", flags.groups, "a consumer group");
  names("--transactional-id", flags.transactional_ids, "a transactional id");
  command.add_flag("--cluster", flags.is_cluster, "the cluster itself");
}

void add_entry_flags(CLI::App& command, AclFlags& flags) {
  const auto list = [&command](const char* flag, auto& value, const char* type, const char* what) {
    command.add_option(flag, value, what)->type_name(type)->allow_extra_args(false);
  };
  list("--allow-principal", flags.allowed, "TYPE:NAME",
       "who may, for example User:alice or User:*");
  list("--deny-principal", flags.denied, "TYPE:NAME", "who may not, whatever else allows it");
  list("--allow-host", flags.allowed_hosts, "ADDRESS", "from where; default: everywhere");
  list("--deny-host", flags.denied_hosts, "ADDRESS", "from where not; default: everywhere");
  list("--operation", flags.operations, "NAME", "what: Read, Write, Describe … or All");
  command.add_flag("--producer", flags.is_producer,
                   "Write, Describe and Create on topics; Write and Describe on transactional ids");
  command.add_flag("--consumer", flags.is_consumer, "Read and Describe on topics; Read on groups");
  command.add_flag("--idempotent", flags.is_idempotent,
                   "with --producer: IdempotentWrite on the cluster, for brokers before 2.8");
}

base::Result<std::vector<Acl>> acls_of(const AclFlags& flags) {
  TICKLAKE_TRY(check_role(flags));
  std::vector<Resource> resources = resources_of(flags);
  if (resources.empty()) {
    return unclear("to what?", "add --topic, --group, --transactional-id or --cluster");
  }
  TICKLAKE_ASSIGN(const std::vector<Party> parties, parties_of(flags));
  if (parties.empty()) return unclear("who?", "add --allow-principal or --deny-principal");
  TICKLAKE_ASSIGN(const std::vector<AclOperation> typed, operations_in(flags));
  const bool has_role = flags.is_producer || flags.is_consumer;
  std::vector<Acl> acls;
  const auto add = [&](const Resource& resource, AclOperation operation) {
    for (const Party& party : parties) {
      acls.push_back({resource.type, pattern_for(flags, resource.type), resource.name,
                      party.principal, party.host, operation, party.permission});
    }
  };
  for (const Resource& resource : resources) {
    std::vector<AclOperation> operations =
        has_role ? operations_of_role(flags, resource.type) : typed;
    if (operations.empty() && !has_role) operations = {AclOperation::kAll};
    for (const AclOperation operation : operations) {
      TICKLAKE_TRY(check_operation(resource.type, operation));
      add(resource, operation);
    }
  }
  if (flags.is_idempotent) {
    add({ResourceType::kCluster, std::string(kafka::kClusterName)}, AclOperation::kIdempotentWrite);
  }
  return acls;
}

base::Result<std::vector<kafka::AclFilter>> filters_of(const AclFlags& flags) {
  std::vector<kafka::AclFilter> filters;
  if (flags.is_producer || flags.is_consumer) {
    TICKLAKE_ASSIGN(const std::vector<Acl> acls, acls_of(flags));
    for (const Acl& acl : acls) {
      filters.push_back({acl.resource_type, acl.pattern_type, acl.resource_name, acl.principal,
                         acl.host, acl.operation, acl.permission});
    }
    return filters;
  }
  TICKLAKE_ASSIGN(const std::vector<Party> parties, parties_of(flags));
  TICKLAKE_ASSIGN(std::vector<AclOperation> operations, operations_in(flags));
  if (operations.empty()) operations = {AclOperation::kAny};
  std::vector<kafka::AclFilter> resources;
  for (const Resource& resource : resources_of(flags)) {
    resources.push_back({.resource_type = resource.type,
                         .pattern_type = pattern_for(flags, resource.type),
                         .resource_name = resource.name});
  }
  if (resources.empty()) {
    resources.push_back(
        {.pattern_type = flags.pattern.empty() ? PatternType::kAny : pattern_of(flags)});
  }
  for (kafka::AclFilter filter : resources) {
    for (const AclOperation operation : operations) {
      filter.operation = operation;
      if (parties.empty()) filters.push_back(filter);
      for (const Party& party : parties) {
        filter.principal = party.principal;
        filter.host = party.host;
        filter.permission = party.permission;
        filters.push_back(filter);
      }
    }
  }
  return filters;
}

}  // namespace ticklake::cli
