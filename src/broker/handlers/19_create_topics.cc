// CreateTopics, versions 2 to 7. One node: a replication factor above 1 is refused, as Kafka
// refuses more replicas than it has brokers. A topic that was answered for is on disk. Needs Create
// on the topic or on the cluster; what it is like is told to those with DescribeConfigs on it.

#include "broker/broker_configs.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/create_topics.h"

namespace ticklake::broker {
namespace {

using kafka::AclOperation;
using kafka::CreateTopicsRequest;
using kafka::CreateTopicsResponse;
using kafka::ErrorCode;

ErrorCode to_kafka(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kAlreadyExists: return ErrorCode::kTopicAlreadyExists;
    case base::ErrorCode::kInvalidArgument: return ErrorCode::kInvalidConfig;
    default: return ErrorCode::kKafkaStorageError;
  }
}

void refuse(CreateTopicsResponse::Topic& answer, ErrorCode error, std::string message) {
  answer.error_code = error;
  answer.error_message = std::move(message);
}

/// The number of partitions asked for, or 0 after a refusal.
int32_t check(Broker& broker, const CreateTopicsRequest::Topic& wanted,
              CreateTopicsResponse::Topic& answer) {
  if (!is_valid_topic_name(wanted.name)) {
    refuse(answer, ErrorCode::kInvalidTopicException,
           "a topic name has 1 to 249 characters of a-z A-Z 0-9 . _ -");
    return 0;
  }
  if (broker.logs().find(wanted.name)) {
    refuse(answer, ErrorCode::kTopicAlreadyExists, "Topic '" + wanted.name + "' already exists.");
    return 0;
  }
  if (!wanted.assignments.empty()) {
    for (const auto& assignment : wanted.assignments) {
      if (assignment.broker_ids != std::vector<int32_t>{kNodeId}) {
        refuse(answer, ErrorCode::kInvalidReplicaAssignment, "the only broker has id 1");
        return 0;
      }
    }
    return static_cast<int32_t>(wanted.assignments.size());
  }
  if (wanted.replication_factor != 1 && wanted.replication_factor != -1) {
    refuse(answer, ErrorCode::kInvalidReplicationFactor,
           "replication factor " + std::to_string(wanted.replication_factor) +
               " asked of a single node; use 1");
    return 0;
  }
  const int32_t partitions =
      wanted.num_partitions == -1 ? broker.settings().default_partitions : wanted.num_partitions;
  if (partitions < 1 || partitions > kPartitionsMax) {
    refuse(answer, ErrorCode::kInvalidPartitions,
           "a topic has 1 to " + std::to_string(kPartitionsMax) + " partitions");
    return 0;
  }
  return partitions;
}

bool may_create(const Access& access, const std::string& name) {
  return access.allows_cluster(AclOperation::kCreate, Access::Denial::kIsSilent) ||
         access.allows_topic(AclOperation::kCreate, name);
}

void tell_configs(Broker& broker, const Access& access, const std::string& name,
                  const TopicConfigs& configs, int32_t partitions,
                  CreateTopicsResponse::Topic& answer) {
  if (!access.allows_topic(AclOperation::kDescribeConfigs, name, Access::Denial::kIsSilent)) {
    answer.topic_config_error_code = ErrorCode::kTopicAuthorizationFailed;
    return;
  }
  answer.num_partitions = partitions;
  answer.replication_factor = 1;
  answer.configs.emplace();
  for (const ConfigValue& config :
       configs_of(Topic{name, {}, configs, {}}, broker.logs().defaults())) {
    answer.configs->push_back(
        {config.name, config.value, false, static_cast<int8_t>(config.source), false});
  }
}

void create_one(Broker& broker, const Access& access, const CreateTopicsRequest::Topic& wanted,
                bool validate_only, CreateTopicsResponse::Topic& answer) {
  answer.name = wanted.name;
  if (!may_create(access, wanted.name)) {
    return refuse(answer, ErrorCode::kTopicAuthorizationFailed, "not authorized to create it");
  }
  const int32_t partitions = check(broker, wanted, answer);
  if (partitions == 0) return;
  TopicConfigs configs;
  for (const auto& config : wanted.configs) {
    if (!config.value) {
      return refuse(answer, ErrorCode::kInvalidConfig, "null is no value for " + config.name);
    }
    configs[config.name] = *config.value;
  }
  if (const auto config = log_settings_of(configs, {}); !config) {
    refuse(answer, ErrorCode::kInvalidConfig, base::to_line(config.error()));
    return;
  }
  tell_configs(broker, access, wanted.name, configs, partitions, answer);
  if (validate_only) return;
  const auto made = broker.create_topic(wanted.name, partitions, std::move(configs));
  if (!made) {
    refuse(answer, to_kafka(made.error().code), base::to_line(made.error()));
    return;
  }
  answer.topic_id = (*made)->id;
}

}  // namespace

void handle_create_topics(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<CreateTopicsRequest>(broker, context);
  if (!request) return;
  CreateTopicsResponse response;
  for (const auto& topic : request->topics) {
    create_one(broker, context.access, topic, request->validate_only,
               response.topics.emplace_back());
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
