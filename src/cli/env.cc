#include <cstdio>
#include <memory>

#include "cli/aws_settings.h"
#include "cli/command.h"

namespace ticklake::cli {
namespace {

struct Flags {
  std::string data = "ticklake-data";
  std::string format = "sh";
};

base::Result<void> run_env(const Flags& flags) {
  base::PosixFileSystem files;
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(const auto identities, open_identities(files, flags.data, clock, false));
  const auto key = root_key(*identities->state());
  if (!key) {
    return base::fail(base::ErrorCode::kNotFound, "the account has no active key of its own",
                      "all were revoked or deactivated", "ticklake key create --root");
  }
  TICKLAKE_ASSIGN(std::string url, read_endpoint_url(files, flags.data));
  std::fputs(to_text({std::move(url), key->id, key->secret}, flags.format).c_str(), stdout);
  return {};
}

}  // namespace

void add_env_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command = app.add_subcommand(
      "env", "Print what AWS clients need to work on `ticklake up`: eval \"$(ticklake env)\"");
  command->add_option("--data", flags->data, "Folder of `ticklake up`")->capture_default_str();
  command
      ->add_option("--format", flags->format, "sh: for eval; json; profile: for ~/.aws/credentials")
      ->capture_default_str()
      ->check(CLI::IsMember({"sh", "json", "profile"}));
  command->callback([flags, &action] { action = [flags] { return run_env(*flags); }; });
}

}  // namespace ticklake::cli
