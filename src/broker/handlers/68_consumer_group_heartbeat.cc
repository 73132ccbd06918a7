// ConsumerGroupHeartbeat, versions 0 and 1 (KIP-848). Answered when what the answer tells is on
// disk. Rack ids are kept and told, and make no difference on one node. Assignors of clients are
// not there, as in Kafka. Needs Read on the group, and Describe on each topic that is named.

#include <algorithm>
#include <memory>
#include <utility>

#include "broker/handlers/handlers.h"
#include "kafka/messages/consumer_group_heartbeat.h"

namespace ticklake::broker {
namespace {

kafka::ErrorCode check_access(const Access& access,
                              const kafka::ConsumerGroupHeartbeatRequest& request) {
  if (!access.allows_group(kafka::AclOperation::kRead, request.group_id)) {
    return kafka::ErrorCode::kGroupAuthorizationFailed;
  }
  if (!request.subscribed_topic_names) return kafka::ErrorCode::kNone;
  const bool may_describe =
      std::ranges::all_of(*request.subscribed_topic_names, [&](const std::string& name) {
        return access.allows_topic(kafka::AclOperation::kDescribe, name);
      });
  return may_describe ? kafka::ErrorCode::kNone : kafka::ErrorCode::kTopicAuthorizationFailed;
}

}  // namespace

void handle_consumer_group_heartbeat(Broker& broker, RequestContext request) {
  auto message = decode_or_close<kafka::ConsumerGroupHeartbeatRequest>(broker, request);
  if (!message) return;
  const kafka::ErrorCode refusal = check_access(request.access, *message);
  if (refusal != kafka::ErrorCode::kNone) {
    kafka::ConsumerGroupHeartbeatResponse response;
    response.error_code = refusal;
    return request.reply.send(response);
  }
  const int16_t version = request.header.api_version;
  const GroupClient client{request.header.client_id.value_or(""), request.client_host};
  const auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().consumer_heartbeat(
      std::move(*message), version, client,
      [reply](const kafka::ConsumerGroupHeartbeatResponse& response) { reply->send(response); });
}

}  // namespace ticklake::broker
