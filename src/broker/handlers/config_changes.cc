#include "broker/handlers/config_changes.h"

namespace ticklake::broker {

using kafka::ErrorCode;

ErrorCode check_config_access(const Access& access, kafka::AclOperation operation,
                              int8_t resource_type, const std::string& name) {
  switch (static_cast<ConfigResource>(resource_type)) {
    case ConfigResource::kTopic:
      return access.allows_topic(operation, name) ? ErrorCode::kNone
                                                  : ErrorCode::kTopicAuthorizationFailed;
    case ConfigResource::kBroker:
      return access.allows_cluster(operation) ? ErrorCode::kNone
                                              : ErrorCode::kClusterAuthorizationFailed;
  }
  return ErrorCode::kNone;
}

ConfigRefusal check_changeable(Broker& broker, const Access& access, int8_t resource_type,
                               const std::string& name) {
  const ErrorCode refused =
      check_config_access(access, kafka::AclOperation::kAlterConfigs, resource_type, name);
  if (refused != ErrorCode::kNone) return {refused, "not authorized to alter its configs"};
  switch (static_cast<ConfigResource>(resource_type)) {
    case ConfigResource::kTopic:
      if (broker.logs().find(name)) return {};
      return {ErrorCode::kUnknownTopicOrPartition, "there is no topic '" + name + "'"};
    case ConfigResource::kBroker:
      return {ErrorCode::kInvalidRequest,
              "this broker's configs cannot be changed while it runs; they are flags of its start"};
  }
  return {ErrorCode::kInvalidRequest,
          "resource type " + std::to_string(resource_type) + " is not served"};
}

ConfigRefusal set_topic_configs(Broker& broker, const std::string& topic, TopicConfigs configs,
                                bool is_question) {
  if (const auto settings = log_settings_of(configs, {}); !settings) {
    return {ErrorCode::kInvalidConfig, base::to_line(settings.error())};
  }
  if (is_question) return {};
  if (const auto set = broker.set_configs(topic, std::move(configs)); !set) {
    broker.logger().error("configs of {}: {}", topic, base::to_line(set.error()));
    return {ErrorCode::kKafkaStorageError, base::to_line(set.error())};
  }
  return {};
}

}  // namespace ticklake::broker
