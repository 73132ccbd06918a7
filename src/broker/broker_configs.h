#pragma once

#include <vector>

#include "broker/config_value.h"
#include "broker/log/log_folder.h"
#include "broker/node.h"

namespace ticklake::broker {

/// Every config of a topic, by name: what was set, and else the broker's, or Kafka's, default.
std::vector<ConfigValue> configs_of(const Topic& topic, const TopicDefaults& defaults);
/// What a broker with these options can tell of itself under Kafka's names, by name. Nothing of it
/// can be changed while it runs.
std::vector<ConfigValue> configs_of(const NodeOptions& options);

}  // namespace ticklake::broker
