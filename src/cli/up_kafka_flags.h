#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "cli/external_kafka.h"
#include "cli/kafka_flags.h"

namespace ticklake::cli {

/// Which Kafka `up` works on, if not on a broker of its own, as it was typed.
struct UpKafkaFlags {
  KafkaFlags kafka;  ///< without an address: a broker of our own
  std::vector<std::string> topics;
  std::string group;
};

/// --kafka, -X, --client-config, --topic and --group.
void add_up_kafka_flags(CLI::App& up, UpKafkaFlags& flags);

/// None without --kafka, which the other flags need. With it, a flag of the broker that is then not
/// started is kInvalidArgument; those of certificates are not if the AWS endpoint or the
/// page uses them.
base::Result<std::optional<ExternalKafkaOptions>> external_kafka_options(const CLI::App& up,
                                                                         const UpKafkaFlags& flags,
                                                                         bool aws_uses_tls,
                                                                         bool page_uses_tls);

}  // namespace ticklake::cli
