#include "cli/kafka_flags.h"

#include <cstdlib>

#include "base/file_system.h"
#include "cli/client_config.h"

namespace ticklake::cli {
namespace {

constexpr std::chrono::milliseconds kTimeout{10'000};
constexpr uint64_t kConfigBytesMax = 1 << 20;

}  // namespace

void add_kafka_flags(CLI::App& command, KafkaFlags& flags) {
  command.add_option("--kafka", flags.kafka, "Kafka broker")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  command
      .add_option("-X", flags.settings,
                  "setting of librdkafka, for example security.protocol=SASL_SSL")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--client-config", flags.client_config,
                  "file of such settings, a line each; also TICKLAKE_CLIENT_CONFIG. For secrets, "
                  "which are no flags")
      ->type_name("FILE");
}

void add_output_flag(CLI::App& command, KafkaFlags& flags) {
  command.add_option("--output", flags.output, "table, csv or json (an object a line)")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->capture_default_str();
}

base::Result<std::pair<std::string, std::string>> parse_assignment(const std::string& text) {
  const size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0) {
    return base::fail(base::ErrorCode::kInvalidArgument, "'" + text + "' is not NAME=VALUE", "",
                      "write it as in retention.ms=60000");
  }
  return std::pair(text.substr(0, sign), text.substr(sign + 1));
}

base::Result<kafka::ClientSettings> client_settings(const KafkaFlags& flags) {
  kafka::ClientSettings settings;
  std::string path = flags.client_config;
  if (const char* const named = std::getenv("TICKLAKE_CLIENT_CONFIG"); path.empty() && named) {
    path = named;
  }
  if (!path.empty()) {
    base::PosixFileSystem files;
    TICKLAKE_ASSIGN(const std::string text, base::read_text(files, path, kConfigBytesMax));
    TICKLAKE_ASSIGN(settings, parse_client_config(text, path));
  }
  for (const std::string& text : flags.settings) {
    TICKLAKE_ASSIGN(auto setting, parse_assignment(text));
    settings.push_back(std::move(setting));
  }
  return settings;
}

base::Result<std::unique_ptr<kafka::Admin>> connect(const KafkaFlags& flags) {
  TICKLAKE_ASSIGN(const kafka::ClientSettings settings, client_settings(flags));
  TICKLAKE_ASSIGN(auto admin, kafka::Admin::start(flags.kafka, kTimeout, settings));
  TICKLAKE_TRY(admin->wait_until_reachable());
  return admin;
}

base::Result<kafka::Connection> connect_directly(const KafkaFlags& flags) {
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(const kafka::ClientSettings settings, client_settings(flags));
  TICKLAKE_ASSIGN(const kafka::ClientSecurity security, kafka::client_security(settings, files));
  return kafka::connect_to_any(flags.kafka, kTimeout, security);
}

}  // namespace ticklake::cli
