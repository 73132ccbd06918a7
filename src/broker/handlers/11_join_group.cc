// JoinGroup 0 to 9. Answered when the next generation of the group begins; versions 0 and 1 stay
// served because clients conclude from them what else there is (KAFKA-19444). Needs Read on the
// group.

#include <memory>
#include <utility>

#include "broker/handlers/handlers.h"
#include "kafka/messages/join_group.h"

namespace ticklake::broker {

void handle_join_group(Broker& broker, RequestContext request) {
  auto message = decode_or_close<kafka::JoinGroupRequest>(broker, request);
  if (!message) return;
  if (!request.access.allows_group(kafka::AclOperation::kRead, message->group_id)) {
    kafka::JoinGroupResponse refused;
    refused.error_code = kafka::ErrorCode::kGroupAuthorizationFailed;
    refused.member_id = message->member_id;
    return request.reply.send(refused);
  }
  const int16_t version = request.header.api_version;
  const GroupClient client{request.header.client_id.value_or(""), request.client_host};
  auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().join(
      std::move(*message), version, client,
      [reply](const kafka::JoinGroupResponse& response) { reply->send(response); });
}

}  // namespace ticklake::broker
