// ConsumerGroupDescribe, versions 0 and 1 (KIP-848). Needs Describe on each group, and on each
// topic that its members read, as in Kafka.

#include <algorithm>
#include <iterator>
#include <string>

#include "broker/handlers/handlers.h"
#include "kafka/messages/consumer_group_describe.h"

namespace ticklake::broker {
namespace {

using Description = kafka::ConsumerGroupDescribeResponse::Group;

bool allows_topics_of(const Access& access, const Description& group) {
  const auto allows = [&](const kafka::ConsumerGroupDescribeResponse::Assignment& assignment) {
    return std::ranges::all_of(assignment.topic_partitions, [&](const auto& topic) {
      return access.allows_topic(kafka::AclOperation::kDescribe, topic.topic_name);
    });
  };
  return std::ranges::all_of(group.members, [&](const auto& member) {
    return std::ranges::all_of(member.subscribed_topic_names,
                               [&](const std::string& name) {
                                 return access.allows_topic(kafka::AclOperation::kDescribe, name);
                               }) &&
           allows(member.assignment) && allows(member.target_assignment);
  });
}

Description refusal(const std::string& group_id, kafka::ErrorCode error) {
  Description group;
  group.group_id = group_id;
  group.error_code = error;
  return group;
}

}  // namespace

void handle_consumer_group_describe(Broker& broker, RequestContext request) {
  auto message = decode_or_close<kafka::ConsumerGroupDescribeRequest>(broker, request);
  if (!message) return;
  std::vector<Description> refused;
  std::erase_if(message->group_ids, [&](const std::string& id) {
    if (request.access.allows_group(kafka::AclOperation::kDescribe, id)) return false;
    refused.push_back(refusal(id, kafka::ErrorCode::kGroupAuthorizationFailed));
    return true;
  });
  auto response = broker.groups().describe_consumers(*message);
  for (Description& group : response.groups) {
    if (!allows_topics_of(request.access, group)) {
      group = refusal(group.group_id, kafka::ErrorCode::kTopicAuthorizationFailed);
    } else if (message->include_authorized_operations &&
               group.error_code == kafka::ErrorCode::kNone) {
      group.authorized_operations =
          request.access.operations_on(kafka::ResourceType::kGroup, group.group_id);
    }
  }
  std::ranges::move(refused, std::back_inserter(response.groups));
  request.reply.send(response);
}

}  // namespace ticklake::broker
