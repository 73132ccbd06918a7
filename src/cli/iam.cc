#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/least_policy.h"

namespace ticklake::cli {
namespace {

struct Flags {
  std::string part;
  std::string bucket;
  std::string results;
};

base::Result<void> print_policy(const Flags& flags) {
  const PolicyFor part = flags.part == "sink"      ? PolicyFor::kSink
                         : flags.part == "crawler" ? PolicyFor::kCrawler
                                                   : PolicyFor::kQuery;
  std::string results = flags.results;
  if (results.starts_with("s3://")) results.erase(0, 5);
  if (results.empty()) results = flags.bucket + "/athena-results";
  TICKLAKE_ASSIGN(const std::string text, least_policy(part, flags.bucket, results));
  std::fputs(text.c_str(), stdout);
  return {};
}

}  // namespace

void add_iam_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& iam = *app.add_subcommand("iam", "Policies for AWS");
  iam.require_subcommand(1);
  CLI::App* const command = iam.add_subcommand(
      "policy", "Print the least policy, in IAM's JSON, in place of AdministratorAccess");
  command->add_option("--for", flags->part, "who gets it: sink, crawler or query")
      ->required()
      ->check(CLI::IsMember({"sink", "crawler", "query"}));
  command->add_option("--bucket", flags->bucket, "the bucket of the data")
      ->required()
      ->type_name("BUCKET");
  command
      ->add_option(
          "--results", flags->results,
          "for query: where results go, as s3://BUCKET/PREFIX; default: athena-results/ in "
          "the bucket of the data")
      ->type_name("LOCATION");
  command->callback([flags, &action] { action = [flags] { return print_policy(*flags); }; });
}

}  // namespace ticklake::cli
