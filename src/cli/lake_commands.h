#pragma once

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace ticklake::cli {

// Subcommands of `ticklake lake`, a file each. Each adds one to `parent`.
void add_lake_verify_command(CLI::App& parent, Action& action);
void add_lake_ls_command(CLI::App& parent, Action& action);
void add_lake_stats_command(CLI::App& parent, Action& action);
void add_lake_repair_command(CLI::App& parent, Action& action);

}  // namespace ticklake::cli
