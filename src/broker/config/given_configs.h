#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "broker/node.h"

namespace ticklake::broker {

/// One of Kafka's broker configs as somebody gave it.
struct GivenConfig {
  std::string name;
  std::string value;
  std::string place;  ///< where, for errors: "--config", or "line 3 of server.properties"
};

/// Puts them into the options; of a name that is given twice the last counts. kInvalidArgument
/// names all of them at once that Kafka has not, that cannot be given here, or whose value does not
/// fit, with why and what to do; never the value of one that is refused, which may be a secret.
base::Result<void> apply_configs(const std::vector<GivenConfig>& given, NodeOptions& options);

}  // namespace ticklake::broker
