#include "cli/config_flags.h"

#include <cstdio>

#include <fmt/format.h>

#include "base/java_properties.h"
#include "broker/config/given_configs.h"
#include "broker/config/refused_configs.h"
#include "broker/config/static_config.h"

namespace ticklake::cli {
namespace {

constexpr uint64_t kFileBytesMax = uint64_t{1} << 20;

base::Result<std::vector<broker::GivenConfig>> read_file(const std::string& path,
                                                         base::FileSystem& files) {
  TICKLAKE_ASSIGN(const std::string text, base::read_text(files, path, kFileBytesMax));
  auto properties = base::parse_java_properties(text);
  if (!properties) {
    base::Error error = std::move(properties).error().within(path);
    error.code = base::ErrorCode::kInvalidArgument;
    return tl::unexpected(std::move(error));
  }
  std::vector<broker::GivenConfig> given;
  for (base::JavaProperty& property : *properties) {
    given.push_back({std::move(property.name), std::move(property.value),
                     fmt::format("{}, line {}", path, property.line)});
  }
  return given;
}

/// A limit that a flag and a config both set, to something else.
base::Result<void> check_said_once(const broker::NodeOptions& options, const char* name,
                                   const char* flag, size_t by_flag, size_t otherwise) {
  if (by_flag == otherwise || !options.given_configs.contains(name)) return {};
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{} and the broker's setting {} are the same", flag, name),
                    "both were given", "leave one of them out");
}

void print_help() {
  std::printf(
      "What --config NAME=VALUE and --config-file FILE can set, by Kafka's names:\n\n%s\n"
      "Other names of Kafka's are refused:\n\n%s",
      broker::describe_static_configs().c_str(), broker::describe_refused_configs().c_str());
  throw CLI::Success();
}

}  // namespace

void add_config_flags(CLI::App& command, ConfigFlags& flags) {
  command
      .add_option("--config", flags.configs,
                  "A setting by Kafka's name, as num.partitions=4; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--config-file", flags.file, "A server.properties; --config wins over it")
      ->type_name("FILE");
  command.add_flag_callback("--help-config", print_help, "Print what the two can set, and exit");
}

base::Result<void> apply(const ConfigFlags& flags, base::FileSystem& files,
                         broker::NodeOptions& options) {
  std::vector<broker::GivenConfig> given;
  if (!flags.file.empty()) {
    TICKLAKE_ASSIGN(given, read_file(flags.file, files));
  }
  for (const std::string& text : flags.configs) {
    const size_t sign = text.find('=');
    if (sign == std::string::npos || sign == 0) {
      return base::fail(base::ErrorCode::kInvalidArgument, "--config " + text + ": no NAME=VALUE",
                        "", "write it as in --config num.partitions=4");
    }
    given.push_back({text.substr(0, sign), text.substr(sign + 1), "--config"});
  }
  const broker::ConnectionLimits by_flags = options.limits;
  const broker::ConnectionLimits otherwise;
  TICKLAKE_TRY(broker::apply_configs(given, options));
  TICKLAKE_TRY(check_said_once(options, "max.connections", "--connections",
                               by_flags.connections_max, otherwise.connections_max));
  return check_said_once(options, "max.connections.per.ip", "--connections-per-address",
                         by_flags.connections_per_address_max,
                         otherwise.connections_per_address_max);
}

}  // namespace ticklake::cli
