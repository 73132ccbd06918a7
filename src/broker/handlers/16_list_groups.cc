// ListGroups, versions 0 to 5, filtered by state (version 4) and type (version 5). With
// Describe on the cluster one sees all groups, else those that one may describe.

#include "broker/handlers/handlers.h"
#include "kafka/messages/list_groups.h"

namespace ticklake::broker {

void handle_list_groups(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::ListGroupsRequest>(broker, request);
  if (!message) return;
  constexpr auto kIsSilent = Access::Denial::kIsSilent;
  kafka::ListGroupsResponse response = broker.groups().list(*message);
  if (!request.access.allows_cluster(kafka::AclOperation::kDescribe, kIsSilent)) {
    std::erase_if(response.groups, [&](const auto& group) {
      return !request.access.allows_group(kafka::AclOperation::kDescribe, group.group_id,
                                          kIsSilent);
    });
  }
  request.reply.send(response);
}

}  // namespace ticklake::broker
