// DescribeGroups, versions 0 to 5, of classic groups; one of KIP-848 is "Dead" to it, as in Kafka.
// Needs Describe on each group.

#include <functional>

#include "broker/handlers/distinct.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/describe_groups.h"

namespace ticklake::broker {

void handle_describe_groups(Broker& broker, RequestContext request) {
  auto message = decode_or_close<kafka::DescribeGroupsRequest>(broker, request);
  if (!message) return;
  drop_repeated(message->groups, std::identity());
  kafka::DescribeGroupsResponse refused;
  std::erase_if(message->groups, [&](const std::string& id) {
    if (request.access.allows_group(kafka::AclOperation::kDescribe, id)) return false;
    auto& group = refused.groups.emplace_back();
    group.group_id = id;
    group.error_code = kafka::ErrorCode::kGroupAuthorizationFailed;
    return true;
  });
  kafka::DescribeGroupsResponse response = broker.groups().describe(*message);
  for (auto& group : response.groups) {
    const bool is_told =
        message->include_authorized_operations && group.error_code == kafka::ErrorCode::kNone;
    if (!is_told) continue;
    group.authorized_operations =
        request.access.operations_on(kafka::ResourceType::kGroup, group.group_id);
  }
  std::ranges::move(refused.groups, std::back_inserter(response.groups));
  request.reply.send(response);
}

}  // namespace ticklake::broker
