#include "broker/broker_configs.h"

#include <algorithm>

namespace ticklake::broker {
namespace {

ConfigValue fixed(std::string name, std::string value, ConfigType type, ConfigSource source) {
  ConfigValue config{std::move(name), std::move(value), type, source, true, {}};
  config.synonyms.push_back({config.name, config.value, source});
  return config;
}

template <typename Duration>
std::string in(std::chrono::milliseconds duration) {
  return std::to_string(std::chrono::duration_cast<Duration>(duration).count());
}

}  // namespace

std::vector<ConfigValue> configs_of(const Topic& topic) {
  std::vector<ConfigValue> values;
  for (const TopicConfig& config : topic_configs()) {
    ConfigValue value{std::string(config.name),
                      std::string(config.default_value),
                      config.type,
                      ConfigSource::kDefault,
                      false,
                      {}};
    const auto set = topic.configs.find(value.name);
    if (set != topic.configs.end()) {
      value.value = set->second;
      value.source = ConfigSource::kTopic;
      value.synonyms.push_back({value.name, value.value, value.source});
    }
    if (!config.broker_name.empty()) {
      value.synonyms.push_back({std::string(config.broker_name), std::string(config.default_value),
                                ConfigSource::kDefault});
    }
    values.push_back(std::move(value));
  }
  return values;
}

std::vector<ConfigValue> configs_of(const Broker& broker) {
  using enum ConfigType;
  const BrokerSettings& settings = broker.settings();
  const GroupSettings& groups = broker.groups().settings();
  constexpr auto kStatic = ConfigSource::kStaticBroker;
  std::vector<ConfigValue> values;
  for (const TopicConfig& config : topic_configs()) {
    if (config.broker_name.empty()) continue;
    values.push_back(fixed(std::string(config.broker_name), std::string(config.default_value),
                           config.type, ConfigSource::kDefault));
  }
  values.push_back(fixed("auto.create.topics.enable",
                         settings.auto_create_topics ? "true" : "false", kBoolean, kStatic));
  values.push_back(fixed("broker.id", std::to_string(kNodeId), kInt, kStatic));
  values.push_back(fixed("default.replication.factor", "1", kInt, kStatic));
  values.push_back(
      fixed("fetch.max.bytes", std::to_string(settings.fetch_bytes_max), kInt, kStatic));
  values.push_back(fixed("group.consumer.assignors", "uniform,range", kList, kStatic));
  values.push_back(fixed("group.consumer.heartbeat.interval.ms",
                         in<std::chrono::milliseconds>(groups.consumer_heartbeat_interval), kInt,
                         kStatic));
  values.push_back(
      fixed("group.consumer.max.size", std::to_string(groups.members_max), kInt, kStatic));
  values.push_back(fixed("group.consumer.session.timeout.ms",
                         in<std::chrono::milliseconds>(groups.consumer_session_timeout), kInt,
                         kStatic));
  values.push_back(fixed("group.initial.rebalance.delay.ms",
                         in<std::chrono::milliseconds>(groups.initial_rebalance_delay), kInt,
                         kStatic));
  values.push_back(fixed("group.max.session.timeout.ms",
                         in<std::chrono::milliseconds>(groups.session_timeout_max), kInt, kStatic));
  values.push_back(fixed("group.max.size", std::to_string(groups.members_max), kInt, kStatic));
  values.push_back(fixed("group.min.session.timeout.ms",
                         in<std::chrono::milliseconds>(groups.session_timeout_min), kInt, kStatic));
  values.push_back(fixed("log.dirs", broker.logs().path().string(), kString, kStatic));
  values.push_back(fixed("node.id", std::to_string(kNodeId), kInt, kStatic));
  values.push_back(
      fixed("num.partitions", std::to_string(settings.default_partitions), kInt, kStatic));
  values.push_back(fixed("offset.metadata.max.bytes",
                         std::to_string(groups.offset_metadata_bytes_max), kInt, kStatic));
  values.push_back(fixed("offsets.retention.minutes",
                         in<std::chrono::minutes>(groups.offsets_retention), kInt, kStatic));
  values.push_back(fixed("offsets.topic.num.partitions", "1", kInt, kStatic));
  values.push_back(fixed("offsets.topic.replication.factor", "1", kShort, kStatic));
  std::ranges::sort(values, {}, &ConfigValue::name);
  return values;
}

}  // namespace ticklake::broker
