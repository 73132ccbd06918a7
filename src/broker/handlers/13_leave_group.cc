// LeaveGroup 0 to 5; from version 3 on several members at once, each with its own answer. Needs
// Read on the group.

#include "broker/handlers/handlers.h"
#include "kafka/messages/leave_group.h"

namespace ticklake::broker {

void handle_leave_group(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::LeaveGroupRequest>(broker, request);
  if (!message) return;
  if (!request.access.allows_group(kafka::AclOperation::kRead, message->group_id)) {
    kafka::LeaveGroupResponse refused;
    refused.error_code = kafka::ErrorCode::kGroupAuthorizationFailed;
    return request.reply.send(refused);
  }
  request.reply.send(broker.groups().leave(*message, request.header.api_version));
}

}  // namespace ticklake::broker
