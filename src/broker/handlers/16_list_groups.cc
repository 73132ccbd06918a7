// ListGroups, versions 0 to 5, filtered by state (version 4) and type (version 5); every group is a
// classic one.

#include "broker/handlers/handlers.h"
#include "kafka/messages/list_groups.h"

namespace ticklake::broker {

void handle_list_groups(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::ListGroupsRequest>(broker, request);
  if (!message) return;
  request.reply.send(broker.groups().list(*message));
}

}  // namespace ticklake::broker
