#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"

namespace ticklake::cli {

/// What the chosen subcommand does once its flags are read; its Error becomes the exit status.
using Action = std::function<base::Result<void>()>;

// Each adds one subcommand with its flags to `app`; the subcommand's callback sets `action`.
/// `program`: how this program was called, for commands that can be pasted.
void add_up_command(CLI::App& app, Action& action, const std::string& program);
void add_broker_command(CLI::App& app, Action& action);
void add_feed_command(CLI::App& app, Action& action);
void add_sink_command(CLI::App& app, Action& action);
void add_sql_command(CLI::App& app, Action& action);
void add_crawl_command(CLI::App& app, Action& action);
void add_lake_command(CLI::App& app, Action& action);
void add_dead_letters_command(CLI::App& app, Action& action);
void add_table_command(CLI::App& app, Action& action);
void add_topic_command(CLI::App& app, Action& action);
void add_group_command(CLI::App& app, Action& action);
void add_produce_command(CLI::App& app, Action& action);
void add_consume_command(CLI::App& app, Action& action);
void add_acl_command(CLI::App& app, Action& action);
void add_user_command(CLI::App& app, Action& action);
void add_log_command(CLI::App& app, Action& action);
void add_status_command(CLI::App& app, Action& action);
void add_env_command(CLI::App& app, Action& action);
void add_key_command(CLI::App& app, Action& action);
void add_iam_command(CLI::App& app, Action& action);

}  // namespace ticklake::cli
