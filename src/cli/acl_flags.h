#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "kafka/acl.h"

namespace ticklake::cli {

/// Which ACLs are meant, as kafka-acls.sh has it typed.
struct AclFlags {
  std::vector<std::string> topics;
  std::vector<std::string> groups;
  std::vector<std::string> transactional_ids;
  bool is_cluster = false;
  std::string pattern;  ///< "": the subcommand's own
  std::vector<std::string> allowed;
  std::vector<std::string> denied;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> denied_hosts;
  std::vector<std::string> operations;
  bool is_producer = false;
  bool is_consumer = false;
  bool is_idempotent = false;
};

/// --topic, --group, --transactional-id, --cluster.
void add_resource_flags(CLI::App& command, AclFlags& flags);
/// --allow-principal, --deny-principal, --allow-host, --deny-host, --operation, --producer,
/// --consumer, --idempotent.
void add_entry_flags(CLI::App& command, AclFlags& flags);

/// The ACLs that the flags spell out; kInvalidArgument if they do not say whom, what and where.
base::Result<std::vector<kafka::Acl>> acls_of(const AclFlags& flags);
/// Filters for what the flags mean: whatever is not said matches all. One per resource at least,
/// and one for everything if no resource is named.
base::Result<std::vector<kafka::AclFilter>> filters_of(const AclFlags& flags);

}  // namespace ticklake::cli
