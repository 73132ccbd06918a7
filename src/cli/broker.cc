#include <cstdio>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/server.h"
#include "cli/authorization_flags.h"
#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/listen_address.h"

namespace ticklake::cli {
namespace {

struct BrokerFlags {
  std::string data = "ticklake-data";
  std::string listen = "127.0.0.1:9092";
  std::string advertise;
  bool is_insecure = false;
  AuthorizationFlags authorization;
};

base::Result<void> run_broker(const BrokerFlags& flags) {
  Interruption interruption;
  base::PosixFileSystem files;
  const base::SystemClock clock;
  broker::ServerOptions options;
  options.node.folder = base::Path(flags.data) / "broker";
  broker::Listener& listener = options.listeners.front();
  TICKLAKE_ASSIGN(listener.address, parse_listen_address(flags.listen, flags.is_insecure));
  if (!flags.advertise.empty()) {
    TICKLAKE_ASSIGN(listener.advertised, base::Endpoint::parse(flags.advertise));
  }
  TICKLAKE_ASSIGN(options.node.authorization, authorizer_settings(flags.authorization));
  TICKLAKE_ASSIGN(const auto server,
                  broker::Server::start(options, files, clock, base::Random(base::entropy_seed()),
                                        base::make_stderr_logger(spdlog::level::info)));
  std::fprintf(stderr, "Kafka broker on %s, data in %s (Ctrl-C stops it)\n",
               server->listeners().front().address.text().c_str(), options.node.folder.c_str());
  return server->run(interruption.token());
}

}  // namespace

void add_broker_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<BrokerFlags>();
  CLI::App* const command = app.add_subcommand("broker", "Run only the Kafka broker");
  command->add_option("--data", flags->data, "Folder for everything that is kept")
      ->capture_default_str();
  command->add_option("--kafka-listen", flags->listen, "HOST:PORT for Kafka clients")
      ->capture_default_str();
  command->add_option("--advertise", flags->advertise,
                      "HOST:PORT that clients are told; default: the address they dialled");
  add_authorization_flags(*command, flags->authorization);
  command->add_flag("--insecure", flags->is_insecure, kInsecureHelp);
  command->callback([flags, &action] { action = [flags] { return run_broker(*flags); }; });
}

}  // namespace ticklake::cli
