#include <cstdio>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/server.h"
#include "cli/authorization_flags.h"
#include "cli/command.h"
#include "cli/config_flags.h"
#include "cli/interruption.h"
#include "cli/listener_flags.h"

namespace ticklake::cli {
namespace {

struct BrokerFlags {
  std::string data = "ticklake-data";
  ListenerFlags listeners;
  AuthorizationFlags authorization;
  ConfigFlags configs;
};

base::Result<void> run_broker(const BrokerFlags& flags) {
  Interruption interruption;
  base::PosixFileSystem files;
  const base::SystemClock clock;
  broker::ServerOptions options;
  options.node.folder = base::Path(flags.data) / "broker";
  TICKLAKE_TRY(apply(flags.listeners, options));
  TICKLAKE_ASSIGN(options.node.authorization, authorizer_settings(flags.authorization));
  TICKLAKE_TRY(apply(flags.configs, files, options.node));
  TICKLAKE_ASSIGN(const auto server,
                  broker::Server::start(options, files, clock, base::Random(base::entropy_seed()),
                                        base::make_stderr_logger(spdlog::level::info)));
  std::string addresses;
  for (const broker::Listener& listener : server->listeners()) {
    const bool is_plain = listener.protocol == broker::SecurityProtocol::kPlaintext;
    addresses +=
        (addresses.empty() ? "" : ", ") + (is_plain ? listener.address.text() : listener.text());
  }
  std::fprintf(stderr, "Kafka broker on %s, data in %s (Ctrl-C stops it)\n", addresses.c_str(),
               options.node.folder.c_str());
  return server->run(interruption.token());
}

}  // namespace

void add_broker_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<BrokerFlags>();
  CLI::App* const command = app.add_subcommand("broker", "Run only the Kafka broker");
  command->add_option("--data", flags->data, "Folder for everything that is kept")
      ->capture_default_str();
  add_listener_flags(*command, flags->listeners);
  add_authorization_flags(*command, flags->authorization);
  add_config_flags(*command, flags->configs);
  command->callback([flags, &action] { action = [flags] { return run_broker(*flags); }; });
}

}  // namespace ticklake::cli
