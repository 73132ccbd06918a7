// SyncGroup 0 to 5. Answered when the leader's assignment is on disk. Needs Read on the
// group.

#include <memory>
#include <utility>

#include "broker/handlers/handlers.h"
#include "kafka/messages/sync_group.h"

namespace ticklake::broker {

void handle_sync_group(Broker& broker, RequestContext request) {
  auto message = decode_or_close<kafka::SyncGroupRequest>(broker, request);
  if (!message) return;
  if (!request.access.allows_group(kafka::AclOperation::kRead, message->group_id)) {
    kafka::SyncGroupResponse refused;
    refused.error_code = kafka::ErrorCode::kGroupAuthorizationFailed;
    return request.reply.send(refused);
  }
  auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().sync(std::move(*message), [reply](const kafka::SyncGroupResponse& response) {
    reply->send(response);
  });
}

}  // namespace ticklake::broker
