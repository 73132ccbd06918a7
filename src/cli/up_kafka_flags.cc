#include "cli/up_kafka_flags.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/endpoint.h"

namespace ticklake::cli {
namespace {

constexpr const char* kOfOwnBroker[] = {
    "--kafka-listen", "--advertise",  "--connections",     "--connections-per-address",
    "--authorize",    "--super-user", "--allow-if-no-acl", "--config",
    "--config-file"};
constexpr const char* kOfTls[] = {"--tls-certificate", "--tls-key"};
constexpr const char* kOfClientCertificates[] = {"--tls-client-ca"};
constexpr const char* kOfExternalKafka[] = {"-X", "--client-config", "--topic", "--group"};

base::Result<void> check_addresses(std::string_view addresses) {
  for (size_t at = 0; at <= addresses.size();) {
    const size_t comma = std::min(addresses.find(',', at), addresses.size());
    TICKLAKE_TRY(base::Endpoint::parse(addresses.substr(at, comma - at)));
    at = comma + 1;
  }
  return {};
}

base::Result<void> refuse(const CLI::App& up, std::span<const char* const> names, const char* cause,
                          const char* advice) {
  for (const char* const name : names) {
    if (up.count(name) == 0) continue;
    return base::fail(base::ErrorCode::kInvalidArgument, std::string("cannot use ") + name, cause,
                      advice);
  }
  return {};
}

}  // namespace

void add_up_kafka_flags(CLI::App& up, UpKafkaFlags& flags) {
  flags.kafka.kafka.clear();
  add_kafka_flags(up, flags.kafka);
  up.get_option("--kafka")
      ->description("Your own Kafka, instead of the broker that comes with ticklake")
      ->type_name("HOST:PORT[,…]");
  up.add_option("--topic", flags.topics,
                "With --kafka: topic that becomes a table; repeatable. Default: all but internal "
                "ones (__…) and dead letters")
      ->type_name("NAME")
      ->allow_extra_args(false);
  up.add_option("--group", flags.group,
                "With --kafka: consumer group. Default: one of this data folder alone, since "
                "members of one group share the records, and each lake wants all")
      ->type_name("NAME");
}

base::Result<std::optional<ExternalKafkaOptions>> external_kafka_options(const CLI::App& up,
                                                                         const UpKafkaFlags& flags,
                                                                         bool aws_uses_tls,
                                                                         bool page_uses_tls) {
  if (up.count("--kafka") == 0) {
    TICKLAKE_TRY(refuse(up, kOfExternalKafka, "it is about a Kafka of your own",
                        "say which one: --kafka HOST:PORT"));
    return std::nullopt;
  }
  const auto refuse_broker_flags = [&up](std::span<const char* const> names) {
    return refuse(up, names, "with --kafka no broker is started: the flag is about ticklake's own",
                  "leave out either that flag or --kafka");
  };
  TICKLAKE_TRY(refuse_broker_flags(kOfOwnBroker));
  if (!aws_uses_tls && !page_uses_tls) TICKLAKE_TRY(refuse_broker_flags(kOfTls));
  if (!page_uses_tls) TICKLAKE_TRY(refuse_broker_flags(kOfClientCertificates));
  TICKLAKE_TRY(check_addresses(flags.kafka.kafka));
  ExternalKafkaOptions options;
  options.addresses = flags.kafka.kafka;
  TICKLAKE_ASSIGN(options.settings, client_settings(flags.kafka));
  options.topics = flags.topics;
  options.group = flags.group;
  return options;
}

}  // namespace ticklake::cli
