#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/file_system.h"
#include "base/result.h"
#include "broker/node.h"

namespace ticklake::cli {

/// Kafka's own settings of a broker, as they were typed.
struct ConfigFlags {
  std::string file;                  ///< a server.properties; empty: none
  std::vector<std::string> configs;  ///< NAME=VALUE, which win over the file
};

/// --config, --config-file and --help-config, which prints what can be set and ends.
void add_config_flags(CLI::App& command, ConfigFlags& flags);

/// Puts them into the options, after the other flags. kInvalidArgument names each setting that
/// cannot be used, with the line of the file.
base::Result<void> apply(const ConfigFlags& flags, base::FileSystem& files,
                         broker::NodeOptions& options);

}  // namespace ticklake::cli
