// FindCoordinator 0 to 4. One node coordinates every group and every transactional id. Key types
// other than group (0) and transaction (1) are refused.

#include <utility>

#include "broker/handlers/handlers.h"
#include "kafka/messages/find_coordinator.h"

namespace ticklake::broker {

namespace {

constexpr int8_t kGroup = 0;
constexpr int8_t kTransaction = 1;
constexpr int16_t kVersionOfBatches = 4;

kafka::FindCoordinatorResponse::Coordinator coordinator(const kafka::FindCoordinatorRequest& asked,
                                                        std::string key,
                                                        const base::Endpoint& advertised) {
  kafka::FindCoordinatorResponse::Coordinator found;
  found.key = std::move(key);
  if (asked.key_type == kGroup || asked.key_type == kTransaction) {
    found.node_id = kNodeId;
    found.host = advertised.host;
    found.port = advertised.port;
  } else {
    found.node_id = -1;
    found.port = -1;
    found.error_code = kafka::ErrorCode::kInvalidRequest;
    found.error_message = "this broker coordinates groups and transactions only";
  }
  return found;
}

}  // namespace

void handle_find_coordinator(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::FindCoordinatorRequest>(broker, request);
  if (!message) return;
  kafka::FindCoordinatorResponse response;
  if (request.header.api_version >= kVersionOfBatches) {
    for (const std::string& key : message->coordinator_keys)
      response.coordinators.push_back(coordinator(*message, key, request.advertised));
  } else {
    const auto found = coordinator(*message, message->key, request.advertised);
    response.error_code = found.error_code;
    response.error_message = found.error_message;
    response.node_id = found.node_id;
    response.host = found.host;
    response.port = found.port;
  }
  request.reply.send(response);
}

}  // namespace ticklake::broker
