#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/acl_flags.h"
#include "cli/command.h"
#include "cli/kafka_flags.h"
#include "cli/listing.h"
#include "kafka/acl_admin.h"

namespace ticklake::cli {
namespace {

struct Flags {
  KafkaFlags kafka;
  AclFlags acl;
  std::vector<std::string> principals;
  bool is_sure = false;
};

void print(const std::vector<kafka::Acl>& acls, const std::string& output) {
  Listing listing({{"resource"},
                   {"name"},
                   {"pattern"},
                   {"principal"},
                   {"host"},
                   {"operation"},
                   {"permission"}});
  for (const kafka::Acl& acl : acls) {
    listing.add({std::string(name_of(acl.resource_type)), acl.resource_name,
                 std::string(name_of(acl.pattern_type)), acl.principal, acl.host,
                 std::string(name_of(acl.operation)), std::string(name_of(acl.permission))});
  }
  listing.print(output);
}

base::Result<std::vector<kafka::Acl>> find(kafka::Connection& connection,
                                           const std::vector<kafka::AclFilter>& filters) {
  std::vector<kafka::Acl> all;
  for (const kafka::AclFilter& filter : filters) {
    TICKLAKE_ASSIGN(const auto some, kafka::describe_acls(connection, filter));
    all.insert(all.end(), some.begin(), some.end());
  }
  std::ranges::sort(all);
  const auto twice = std::ranges::unique(all);
  all.erase(twice.begin(), twice.end());
  return all;
}

base::Result<void> list(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto filters, filters_of(flags.acl));
  TICKLAKE_ASSIGN(auto connection, connect_directly(flags.kafka));
  TICKLAKE_ASSIGN(auto acls, find(connection, filters));
  if (!flags.principals.empty()) {
    std::erase_if(acls, [&](const kafka::Acl& acl) {
      return std::ranges::find(flags.principals, acl.principal) == flags.principals.end();
    });
  }
  print(acls, flags.kafka.output);
  return {};
}

base::Result<void> add(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto acls, acls_of(flags.acl));
  TICKLAKE_ASSIGN(auto connection, connect_directly(flags.kafka));
  TICKLAKE_TRY(kafka::create_acls(connection, acls));
  print(acls, flags.kafka.output);
  return {};
}

bool is_confirmed(size_t count) {
  fmt::print(stderr, "Remove {} ACL{}? [y/N] ", count, count == 1 ? "" : "s");
  std::fflush(stderr);
  const int answer = std::getchar();
  return answer == 'y' || answer == 'Y';
}

base::Result<void> remove(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto filters, filters_of(flags.acl));
  const bool is_everything =
      filters.size() == 1 && !filters[0].resource_name && !filters[0].principal;
  if (is_everything) {
    return base::fail(base::ErrorCode::kInvalidArgument, "which ACLs?", "",
                      "name a resource or a principal, as in --topic trades");
  }
  TICKLAKE_ASSIGN(auto connection, connect_directly(flags.kafka));
  TICKLAKE_ASSIGN(const auto meant, find(connection, filters));
  if (meant.empty()) {
    return base::fail(base::ErrorCode::kNotFound, "there is no such ACL", "", "ticklake acl list");
  }
  if (!flags.is_sure && ::isatty(STDIN_FILENO) == 1) {
    print(meant, flags.kafka.output);
    if (!is_confirmed(meant.size())) {
      std::fputs("nothing was removed\n", stderr);
      return {};
    }
  }
  // Exactly what was shown, not what has come since.
  std::vector<kafka::AclFilter> exact;
  for (const kafka::Acl& acl : meant) {
    exact.push_back({acl.resource_type, acl.pattern_type, acl.resource_name, acl.principal,
                     acl.host, acl.operation, acl.permission});
  }
  TICKLAKE_ASSIGN(const auto removed, kafka::delete_acls(connection, exact));
  if (flags.is_sure || ::isatty(STDIN_FILENO) == 0) print(removed, flags.kafka.output);
  fmt::print(stderr, "{} ACL{} removed\n", removed.size(), removed.size() == 1 ? "" : "s");
  return {};
}

using Run = base::Result<void> (*)(const Flags&);

CLI::App* add(CLI::App& parent, const char* name, const char* what,
              const std::shared_ptr<Flags>& flags, Action& action, Run run) {
  CLI::App* const command = parent.add_subcommand(name, what);
  add_kafka_flags(*command, flags->kafka);
  add_output_flag(*command, flags->kafka);
  add_resource_flags(*command, flags->acl);
  command->callback([flags, run, &action] { action = [flags, run] { return run(*flags); }; });
  return command;
}

void add_pattern_flag(CLI::App& command, Flags& flags, const std::set<std::string>& patterns) {
  command
      .add_option("--pattern", flags.acl.pattern,
                  patterns.contains("match")
                      ? "how it is written: literal (default), prefixed, any of both, or match for "
                        "all that cover the name"
                      : "literal (default), or prefixed: every name that begins like this")
      ->check(CLI::IsMember(patterns));
}

}  // namespace

void add_acl_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& acl = *app.add_subcommand("acl", "Who may do what, in any Kafka that authorizes");
  acl.require_subcommand(1);

  CLI::App* command =
      add(acl, "list", "Show ACLs, of the resources named or all", flags, action, list);
  add_pattern_flag(*command, *flags, {"literal", "prefixed", "any", "match"});
  command->add_option("--principal", flags->principals, "only of these")
      ->type_name("TYPE:NAME")
      ->allow_extra_args(false);

  command =
      add(acl, "add", "Allow or deny; an ACL that is there stays as it is", flags, action, add);
  add_pattern_flag(*command, *flags, {"literal", "prefixed"});
  add_entry_flags(*command, flags->acl);

  command = add(acl, "remove", "Remove the ACLs that these flags describe", flags, action, remove);
  add_pattern_flag(*command, *flags, {"literal", "prefixed", "any", "match"});
  add_entry_flags(*command, flags->acl);
  command->add_flag("--yes", flags->is_sure, "do not ask");
}

}  // namespace ticklake::cli
