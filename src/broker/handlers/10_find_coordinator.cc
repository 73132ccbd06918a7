// FindCoordinator 0 to 4. One node coordinates every group and every transactional id. Key types
// other than group (0) and transaction (1) are refused. Needs Describe on what the key names.

#include <utility>

#include "broker/handlers/handlers.h"
#include "kafka/messages/find_coordinator.h"

namespace ticklake::broker {

namespace {

constexpr int8_t kGroup = 0;
constexpr int8_t kTransaction = 1;
constexpr int16_t kVersionOfBatches = 4;

kafka::ErrorCode check(const Access& access, int8_t key_type, const std::string& key) {
  using kafka::AclOperation;
  using kafka::ErrorCode;
  switch (key_type) {
    case kGroup:
      return access.allows_group(AclOperation::kDescribe, key)
                 ? ErrorCode::kNone
                 : ErrorCode::kGroupAuthorizationFailed;
    case kTransaction:
      return access.allows_transactional_id(AclOperation::kDescribe, key)
                 ? ErrorCode::kNone
                 : ErrorCode::kTransactionalIdAuthorizationFailed;
    default: return ErrorCode::kInvalidRequest;
  }
}

kafka::FindCoordinatorResponse::Coordinator coordinator(const RequestContext& context,
                                                        int8_t key_type, const std::string& key) {
  kafka::FindCoordinatorResponse::Coordinator found;
  found.key = key;
  found.error_code = check(context.access, key_type, key);
  if (found.error_code == kafka::ErrorCode::kNone) {
    found.node_id = kNodeId;
    found.host = context.advertised.host;
    found.port = context.advertised.port;
    return found;
  }
  found.node_id = -1;
  found.port = -1;
  found.error_message = found.error_code == kafka::ErrorCode::kInvalidRequest
                            ? "this broker coordinates groups and transactions only"
                            : "not authorized to describe it";
  return found;
}

}  // namespace

void handle_find_coordinator(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::FindCoordinatorRequest>(broker, request);
  if (!message) return;
  kafka::FindCoordinatorResponse response;
  if (request.header.api_version >= kVersionOfBatches) {
    for (const std::string& key : message->coordinator_keys)
      response.coordinators.push_back(coordinator(request, message->key_type, key));
  } else {
    const auto found = coordinator(request, message->key_type, message->key);
    response.error_code = found.error_code;
    response.error_message = found.error_message;
    response.node_id = found.node_id;
    response.host = found.host;
    response.port = found.port;
  }
  request.reply.send(response);
}

}  // namespace ticklake::broker
