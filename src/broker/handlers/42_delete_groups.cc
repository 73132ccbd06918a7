// DeleteGroups, versions 0 to 2. Answered when the groups are gone from the disk. Needs Delete on
// each group.

#include <memory>
#include <utility>

#include "broker/handlers/handlers.h"
#include "kafka/messages/delete_groups.h"

namespace ticklake::broker {

void handle_delete_groups(Broker& broker, RequestContext request) {
  auto message = decode_or_close<kafka::DeleteGroupsRequest>(broker, request);
  if (!message) return;
  std::vector<kafka::DeleteGroupsResponse::Group> refused;
  std::erase_if(message->groups_names, [&](const std::string& id) {
    if (request.access.allows_group(kafka::AclOperation::kDelete, id)) return false;
    refused.push_back({id, kafka::ErrorCode::kGroupAuthorizationFailed});
    return true;
  });
  const auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().remove(
      *message, [reply, refused = std::move(refused)](kafka::DeleteGroupsResponse response) {
        response.results.insert(response.results.end(), refused.begin(), refused.end());
        reply->send(response);
      });
}

}  // namespace ticklake::broker
