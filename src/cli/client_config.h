#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/client_settings.h"

namespace ticklake::cli {

/// Settings of a file, NAME=VALUE a line; '#' begins a comment line. The names are librdkafka's;
/// what a Java client's file has otherwise is translated where it can be (sasl.mechanism,
/// sasl.jaas.config with a user name and a password, ssl.truststore.location of PEM). Names that
/// only Java knows are an error. `path` is for that.
base::Result<kafka::ClientSettings> parse_client_config(std::string_view text,
                                                        const std::string& path);

}  // namespace ticklake::cli
