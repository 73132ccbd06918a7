// ApiVersions, versions 0 to 4. To any other version the answer is version 0's, with error 35 and
// only this API in the list: that is what every client expects in order to ask again.

#include "broker/handlers/handlers.h"
#include "kafka/messages/api_versions.h"

namespace ticklake::broker {

using kafka::ApiVersionsResponse;

namespace {

constexpr int16_t kGroupVersion = 1;

}  // namespace

void handle_api_versions(Broker& broker, RequestContext context) {
  ApiVersionsResponse response;
  if (!kafka::kApiVersionsApi.has(context.header.api_version)) {
    response.error_code = kafka::ErrorCode::kUnsupportedVersion;
    response.api_keys.push_back({static_cast<int16_t>(kafka::ApiKey::kApiVersions),
                                 kafka::kApiVersionsApi.version_min,
                                 kafka::kApiVersionsApi.version_max});
    context.reply.send_as(0, response);
    return;
  }
  if (!decode_or_close<kafka::ApiVersionsRequest>(broker, context)) return;
  for (const HandlerEntry& entry : handler_entries()) {
    response.api_keys.push_back(
        {static_cast<int16_t>(entry.api.key), entry.announced_min, entry.announced_max});
  }
  // By it administrators see that groups of KIP-848 are there.
  response.supported_features.push_back({"group.version", 0, kGroupVersion});
  response.finalized_features_epoch = 0;
  response.finalized_features.push_back({"group.version", kGroupVersion, kGroupVersion});
  context.reply.send(response);
}

}  // namespace ticklake::broker
