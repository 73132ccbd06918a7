#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "table/schema_inference.h"

namespace ticklake::cli {

/// `--misfits dead-letter|text|stop`, into `value`.
void add_misfits_flag(CLI::App& command, std::string& value);
table::Misfits misfits_of(const std::string& value);

}  // namespace ticklake::cli
