#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/log/partition_log.h"

namespace ticklake::broker {

/// A topic's configs as they were set, by Kafka's names.
using TopicConfigs = std::map<std::string, std::string>;

/// As DescribeConfigs tells it.
enum class ConfigType : int8_t {
  kBoolean = 1,
  kString = 2,
  kInt = 3,
  kShort = 4,
  kLong = 5,
  kDouble = 6,
  kList = 7,
};

/// What a topic without that config has, because the broker was given a config of its own for it.
struct TopicDefault {
  std::string value;
  /// The broker's configs that were given for it, as "log.retention.ms" and "log.retention.hours",
  /// with their values; the first is the one that counts.
  std::vector<std::pair<std::string, std::string>> given;
};
/// By the topic's config.
using TopicDefaults = std::map<std::string, TopicDefault, std::less<>>;

/// One of the configs that a topic may have (Kafka 3.9's LogConfig).
struct TopicConfig {
  std::string_view name;
  std::string_view broker_name;  ///< the broker's config that its default comes from; may be empty
  ConfigType type;
  std::string_view default_value;
  int64_t min = 0;  ///< of an int or long
  int64_t max = 0;
  /// The values that a string, boolean or list may take, by commas; empty: any text on one line.
  std::string_view one_of = {};
};

/// By name.
std::span<const TopicConfig> topic_configs();
/// Null if Kafka has none of that name.
const TopicConfig* find_topic_config(std::string_view name);

/// What a topic has that did not set it.
std::string_view default_value(const TopicConfig& config, const TopicDefaults& defaults);

/// Whether `value` is one of that type, in that range, of these values. kInvalidArgument names the
/// config and says what it must be.
base::Result<void> check_config_value(const TopicConfig& config, std::string_view value);

/// The elements of a list config's value, without blanks around them.
std::vector<std::string> config_list(std::string_view value);

/// The settings that a topic's configs ask for. kInvalidArgument names the config that is unknown
/// or whose value does not fit. The fields of LogSettings are the configs that act; the others are
/// checked, kept and shown.
base::Result<LogSettings> log_settings_of(const TopicConfigs& configs, LogSettings defaults);
/// Those of a topic without configs of its own.
base::Result<LogSettings> default_log_settings(const TopicDefaults& defaults,
                                               LogSettings otherwise);

}  // namespace ticklake::broker
