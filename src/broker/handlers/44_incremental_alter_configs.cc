// IncrementalAlterConfigs, versions 0 and 1 (KIP-339): sets, deletes, or changes elements of single
// configs of a topic; the others stay. A resource is changed whole or not at all. The broker's own
// configs cannot be changed. Needs AlterConfigs on each topic.

#include <algorithm>
#include <set>

#include "broker/handlers/answers.h"
#include "broker/handlers/config_changes.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using kafka::IncrementalAlterConfigsRequest;
using Resource = IncrementalAlterConfigsRequest::Resource;

enum Operation : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

std::string joined(const std::vector<std::string>& elements) {
  std::string text;
  for (const std::string& element : elements) {
    if (!text.empty()) text += ',';
    text += element;
  }
  return text;
}

/// The list config's elements, or its default's, with or without those of `change`.
ConfigRefusal change_list(const Resource::Config& change, const TopicDefaults& defaults,
                          TopicConfigs& configs) {
  const TopicConfig* const config = find_topic_config(change.name);
  if (!config) return {ErrorCode::kInvalidConfig, "unknown topic config name: " + change.name};
  if (config->type != ConfigType::kList) {
    return {ErrorCode::kInvalidConfig, change.name + " is no list: it can be set, not appended to"};
  }
  const auto set = configs.find(change.name);
  std::vector<std::string> elements = config_list(
      set == configs.end() ? default_value(*config, defaults) : std::string_view(set->second));
  for (const std::string& element : config_list(*change.value)) {
    const bool is_there = std::ranges::find(elements, element) != elements.end();
    if (change.config_operation == kSubtract) {
      std::erase(elements, element);
    } else if (!is_there) {
      elements.push_back(element);
    }
  }
  configs[change.name] = joined(elements);
  return {};
}

ConfigRefusal change(const Resource::Config& change, const TopicDefaults& defaults,
                     TopicConfigs& configs) {
  if (change.config_operation == kDelete) {
    if (!find_topic_config(change.name)) {
      return {ErrorCode::kInvalidConfig, "unknown topic config name: " + change.name};
    }
    configs.erase(change.name);
    return {};
  }
  if (!change.value) return {ErrorCode::kInvalidRequest, "null is no value for " + change.name};
  switch (change.config_operation) {
    case kSet: configs[change.name] = *change.value; return {};
    case kAppend:
    case kSubtract: return change_list(change, defaults, configs);
    default:
      return {ErrorCode::kInvalidRequest,
              "there is no operation " + std::to_string(change.config_operation)};
  }
}

ConfigRefusal alter(Broker& broker, const Access& access,
                    const IncrementalAlterConfigsRequest& request, const Resource& resource) {
  if (is_named_twice(request.resources, resource)) {
    return {ErrorCode::kInvalidRequest, "each resource may be named once"};
  }
  ConfigRefusal refusal =
      check_changeable(broker, access, resource.resource_type, resource.resource_name);
  if (refusal.code != ErrorCode::kNone) return refusal;
  TopicConfigs configs = broker.logs().find(resource.resource_name)->configs;
  std::set<std::string_view> names;
  for (const Resource::Config& config : resource.configs) {
    if (!names.insert(config.name).second) {
      return {ErrorCode::kInvalidRequest, config.name + " is named twice"};
    }
    refusal = change(config, broker.logs().defaults(), configs);
    if (refusal.code != ErrorCode::kNone) return refusal;
  }
  return set_topic_configs(broker, resource.resource_name, std::move(configs),
                           request.validate_only);
}

}  // namespace

kafka::IncrementalAlterConfigsResponse answer(Broker& broker, const Access& access,
                                              const IncrementalAlterConfigsRequest& request) {
  kafka::IncrementalAlterConfigsResponse response;
  for (const auto& resource : request.resources) {
    ConfigRefusal refusal = alter(broker, access, request, resource);
    auto& result = response.responses.emplace_back();
    result.error_code = refusal.code;
    if (refusal.code != ErrorCode::kNone) result.error_message = std::move(refusal.message);
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
  }
  return response;
}

void handle_incremental_alter_configs(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<IncrementalAlterConfigsRequest>(broker, context);
  if (!request) return;
  context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
