// AlterConfigs, versions 0 to 2: replaces all configs of a topic by those named. Unknown names and
// values that do not fit refuse the whole resource. The broker's own configs cannot be changed.
// Needs AlterConfigs on each topic.

#include "broker/handlers/answers.h"
#include "broker/handlers/config_changes.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::AlterConfigsRequest;
using kafka::ErrorCode;

ConfigRefusal alter(Broker& broker, const Access& access, const AlterConfigsRequest& request,
                    const AlterConfigsRequest::Resource& resource) {
  if (is_named_twice(request.resources, resource)) {
    return {ErrorCode::kInvalidRequest, "each resource may be named once"};
  }
  ConfigRefusal refusal =
      check_changeable(broker, access, resource.resource_type, resource.resource_name);
  if (refusal.code != ErrorCode::kNone) return refusal;
  TopicConfigs configs;
  for (const auto& config : resource.configs) {
    if (!config.value) {
      return {ErrorCode::kInvalidRequest, "null is no value for " + config.name};
    }
    if (!configs.emplace(config.name, *config.value).second) {
      return {ErrorCode::kInvalidRequest, config.name + " is named twice"};
    }
  }
  return set_topic_configs(broker, resource.resource_name, std::move(configs),
                           request.validate_only);
}

}  // namespace

kafka::AlterConfigsResponse answer(Broker& broker, const Access& access,
                                   const AlterConfigsRequest& request) {
  kafka::AlterConfigsResponse response;
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

void handle_alter_configs(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<AlterConfigsRequest>(broker, context);
  if (!request) return;
  context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
