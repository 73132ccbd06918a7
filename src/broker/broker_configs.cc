#include "broker/broker_configs.h"

#include <algorithm>

#include "broker/config/static_config.h"

namespace ticklake::broker {
namespace {

using enum ConfigType;

ConfigValue fixed(std::string_view name, std::string value, ConfigType type, ConfigSource source) {
  ConfigValue config{std::string(name), std::move(value), type, source, true};
  config.synonyms.push_back({config.name, config.value, source});
  return config;
}

/// The broker's configs that were given for a topic's, then the default without them.
void add_synonyms(const TopicConfig& config, const TopicDefaults& defaults, ConfigValue& value) {
  const auto given = defaults.find(config.name);
  if (given != defaults.end()) {
    for (const auto& [name, text] : given->second.given)
      value.synonyms.push_back({name, text, ConfigSource::kStaticBroker});
  }
  value.synonyms.push_back(
      {std::string(config.broker_name), std::string(config.default_value), ConfigSource::kDefault});
}

/// One that acts, as it was given, as a flag sets it, or by default.
ConfigValue told(const StaticConfig& config, const NodeOptions& options) {
  const std::string otherwise = config.read(NodeOptions{});
  ConfigValue value{std::string(config.rule.name), config.read(options), config.rule.type};
  value.is_read_only = true;
  if (const TopicConfig* const topics = find_topic_config(config.topic_config);
      topics && topics->broker_name == config.rule.name) {
    add_synonyms(*topics, options.topic_defaults, value);
  } else {
    if (is_given(config, options)) {
      value.synonyms.push_back({value.name, value.value, ConfigSource::kStaticBroker});
    }
    if (!config.is_told_if_given_only) {
      value.synonyms.push_back({value.name, otherwise, ConfigSource::kDefault});
    }
  }
  value.source = value.synonyms.front().source;
  return value;
}

}  // namespace

std::vector<ConfigValue> configs_of(const Topic& topic, const TopicDefaults& defaults) {
  std::vector<ConfigValue> values;
  for (const TopicConfig& config : topic_configs()) {
    ConfigValue value{std::string(config.name), std::string(default_value(config, defaults)),
                      config.type};
    const auto set = topic.configs.find(value.name);
    if (set != topic.configs.end()) {
      value.value = set->second;
      value.synonyms.push_back({value.name, value.value, ConfigSource::kTopic});
    }
    if (!config.broker_name.empty()) add_synonyms(config, defaults, value);
    if (!value.synonyms.empty()) value.source = value.synonyms.front().source;
    values.push_back(std::move(value));
  }
  return values;
}

std::vector<ConfigValue> configs_of(const NodeOptions& options) {
  constexpr auto kStatic = ConfigSource::kStaticBroker;
  std::vector<ConfigValue> values;
  for (const StaticConfig& config : static_configs()) {
    if (!config.is_told_if_given_only || is_given(config, options)) {
      values.push_back(told(config, options));
    }
  }
  // Defaults of configs that a topic may have, but that do not act.
  for (const TopicConfig& config : topic_configs()) {
    if (config.broker_name.empty() || find_static_config(config.broker_name)) continue;
    values.push_back(fixed(config.broker_name, std::string(config.default_value), config.type,
                           ConfigSource::kDefault));
  }
  values.push_back(fixed("broker.id", std::to_string(kNodeId), kInt, kStatic));
  values.push_back(fixed("log.dirs", options.folder.string(), kString, kStatic));
  values.push_back(fixed("node.id", std::to_string(kNodeId), kInt, kStatic));
  std::ranges::sort(values, {}, &ConfigValue::name);
  return values;
}

}  // namespace ticklake::broker
