#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/log/topic_configs.h"

namespace ticklake::broker {

/// What a config describes, as requests number it.
enum class ConfigResource : int8_t { kTopic = 2, kBroker = 4 };

/// Where a value comes from, as DescribeConfigs numbers it (KIP-226).
enum class ConfigSource : int8_t { kTopic = 1, kStaticBroker = 4, kDefault = 5 };

/// A config as DescribeConfigs tells it.
struct ConfigValue {
  std::string name;
  std::string value;
  ConfigType type = ConfigType::kString;
  ConfigSource source = ConfigSource::kDefault;
  bool is_read_only = false;
  /// Where the value comes from, then what would hold without that.
  struct Synonym {
    std::string name;
    std::string value;
    ConfigSource source = ConfigSource::kDefault;
  };
  std::vector<Synonym> synonyms = {};
};

}  // namespace ticklake::broker
