// Heartbeat 0 to 4. Needs Read on the group.

#include "broker/handlers/handlers.h"
#include "kafka/messages/heartbeat.h"

namespace ticklake::broker {

void handle_heartbeat(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::HeartbeatRequest>(broker, request);
  if (!message) return;
  if (!request.access.allows_group(kafka::AclOperation::kRead, message->group_id)) {
    kafka::HeartbeatResponse refused;
    refused.error_code = kafka::ErrorCode::kGroupAuthorizationFailed;
    return request.reply.send(refused);
  }
  request.reply.send(broker.groups().heartbeat(*message));
}

}  // namespace ticklake::broker
