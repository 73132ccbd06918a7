// DescribeConfigs, versions 1 to 4, of topics and of this broker. Documentation is left empty. The
// cluster-wide defaults (a broker without a name) are empty: nothing can set them. Needs
// DescribeConfigs on the topic, or on the cluster for the broker.

#include <algorithm>

#include "broker/broker_configs.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/config_changes.h"
#include "broker/handlers/distinct.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::DescribeConfigsRequest;
using kafka::ErrorCode;
using Result = kafka::DescribeConfigsResponse::Result;

Result::Config told(const ConfigValue& config, bool has_synonyms) {
  Result::Config answer;
  answer.name = config.name;
  answer.value = config.value;
  answer.read_only = config.is_read_only;
  answer.config_source = static_cast<int8_t>(config.source);
  answer.config_type = static_cast<int8_t>(config.type);
  if (!has_synonyms) return answer;
  for (const ConfigValue::Synonym& synonym : config.synonyms) {
    answer.synonyms.push_back({synonym.name, synonym.value, static_cast<int8_t>(synonym.source)});
  }
  return answer;
}

void refuse(Result& answer, ErrorCode error, std::string message) {
  answer.error_code = error;
  answer.error_message = std::move(message);
}

bool is_allowed(const Access& access, const std::string& name, Result& answer) {
  const auto refused = check_config_access(access, kafka::AclOperation::kDescribeConfigs,
                                           answer.resource_type, name);
  if (refused == ErrorCode::kNone) return true;
  refuse(answer, refused, "not authorized to describe its configs");
  return false;
}

/// What there is to tell; an error stands in `answer` then.
std::vector<ConfigValue> find(Broker& broker, const std::string& name, Result& answer) {
  switch (static_cast<ConfigResource>(answer.resource_type)) {
    case ConfigResource::kTopic: {
      if (const Topic* const topic = broker.logs().find(name)) {
        return configs_of(*topic, broker.logs().defaults());
      }
      const bool is_name = is_valid_topic_name(name);
      refuse(answer,
             is_name ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kInvalidTopicException,
             is_name ? "there is no such topic" : "that is no topic's name");
      return {};
    }
    case ConfigResource::kBroker:
      if (name == std::to_string(kNodeId)) return broker.configs();
      if (!name.empty()) {
        refuse(answer, ErrorCode::kInvalidRequest, "the only broker has id 1, not '" + name + "'");
      }
      return {};
  }
  refuse(answer, ErrorCode::kInvalidRequest,
         "resource type " + std::to_string(answer.resource_type) + " is not served");
  return {};
}

}  // namespace

kafka::DescribeConfigsResponse answer(Broker& broker, const Access& access,
                                      const DescribeConfigsRequest& request) {
  kafka::DescribeConfigsResponse response;
  for (const auto& resource : request.resources) {
    Result& result = response.results.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    if (!is_allowed(access, resource.resource_name, result)) continue;
    const bool wants_all = !resource.configuration_keys || resource.configuration_keys->empty();
    for (const ConfigValue& config : find(broker, resource.resource_name, result)) {
      const bool is_wanted =
          wants_all || std::ranges::find(*resource.configuration_keys, config.name) !=
                           resource.configuration_keys->end();
      if (is_wanted) result.configs.push_back(told(config, request.include_synonyms));
    }
  }
  return response;
}

void handle_describe_configs(Broker& broker, RequestContext context) {
  auto request = decode_or_close<DescribeConfigsRequest>(broker, context);
  if (!request) return;
  drop_repeated(request->resources, [](const auto& resource) {
    return std::pair(resource.resource_type, resource.resource_name);
  });
  context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
