#include <cstdio>

#include "cli/command.h"
#include "cli/interruption.h"

namespace ticklake::cli {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

int exit_status(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidArgument: return kExitUsage;
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kTimeout: return 3;
    case base::ErrorCode::kCorrupt: return 4;
    case base::ErrorCode::kInterrupted: return kExitInterrupted;
    default: return kExitFailed;
  }
}

int run(int argc, char** argv) {
  CLI::App app{"Real-time market data: feed, broker, lake, SQL and dashboard in one binary.",
               "ticklake"};
  app.set_version_flag("--version", "ticklake " TICKLAKE_VERSION);
  app.require_subcommand(1);
  app.footer("Start with: ticklake up");

  Action action;
  add_up_command(app, action, argv[0]);
  add_broker_command(app, action);
  add_feed_command(app, action);
  add_sink_command(app, action);
  add_sql_command(app, action);
  add_crawl_command(app, action);
  add_lake_command(app, action);
  add_dead_letters_command(app, action);
  add_table_command(app, action);
  add_status_command(app, action);
  add_topic_command(app, action);
  add_group_command(app, action);
  add_produce_command(app, action);
  add_consume_command(app, action);
  add_acl_command(app, action);
  add_user_command(app, action);
  add_log_command(app, action);
  add_env_command(app, action);
  add_key_command(app, action);
  add_iam_command(app, action);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    const auto chosen = app.get_subcommands();
    const std::string command =
        chosen.empty() ? "ticklake" : "ticklake " + chosen.front()->get_name();
    std::fprintf(stderr, "error: %s\ntry: %s --help\n", error.what(), command.c_str());
    return kExitUsage;
  }
  const base::Result<void> outcome = action();
  if (outcome) return 0;
  std::fprintf(stderr, "%s\n", base::to_text(outcome.error()).c_str());
  return exit_status(outcome.error().code);
}

}  // namespace
}  // namespace ticklake::cli

int main(int argc, char** argv) { return ticklake::cli::run(argc, argv); }
