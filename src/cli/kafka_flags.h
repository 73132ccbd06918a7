#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/connection.h"

namespace ticklake::cli {

/// Which Kafka a subcommand talks to, as it was typed.
struct KafkaFlags {
  std::string kafka = "127.0.0.1:9092";
  std::vector<std::string> settings;  ///< NAME=VALUE
  std::string client_config;          ///< a file of more of them
  std::string output = "table";
};

/// --kafka, --client-config and -X.
void add_kafka_flags(CLI::App& command, KafkaFlags& flags);
/// --output of what prints a listing.
void add_output_flag(CLI::App& command, KafkaFlags& flags);

/// "name=value"; kInvalidArgument without '=' or without a name.
base::Result<std::pair<std::string, std::string>> parse_assignment(const std::string& text);
/// Those of --client-config or, without it, of the file that TICKLAKE_CLIENT_CONFIG names, then
/// those of -X.
base::Result<kafka::ClientSettings> client_settings(const KafkaFlags& flags);
/// Connected: kUnavailable, with advice, if no broker answers.
base::Result<std::unique_ptr<kafka::Admin>> connect(const KafkaFlags& flags);
/// Likewise, for what librdkafka has no call for.
base::Result<kafka::Connection> connect_directly(const KafkaFlags& flags);

}  // namespace ticklake::cli
