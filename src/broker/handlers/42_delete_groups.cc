// DeleteGroups, versions 0 to 2. Answered when the groups are gone from the disk.

#include <memory>
#include <utility>

#include "broker/handlers/handlers.h"
#include "kafka/messages/delete_groups.h"

namespace ticklake::broker {

void handle_delete_groups(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::DeleteGroupsRequest>(broker, request);
  if (!message) return;
  const auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().remove(
      *message, [reply](const kafka::DeleteGroupsResponse& response) { reply->send(response); });
}

}  // namespace ticklake::broker
