#pragma once

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace ticklake::cli {

/// `feed poll`, below `feed`.
void add_feed_poll_command(CLI::App& feed, Action& action);

}  // namespace ticklake::cli
