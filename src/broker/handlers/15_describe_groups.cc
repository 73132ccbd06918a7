// DescribeGroups, versions 0 to 5. Authorized operations are not told: there is no authorization.

#include "broker/handlers/handlers.h"
#include "kafka/messages/describe_groups.h"

namespace ticklake::broker {

void handle_describe_groups(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::DescribeGroupsRequest>(broker, request);
  if (!message) return;
  request.reply.send(broker.groups().describe(*message));
}

}  // namespace ticklake::broker
