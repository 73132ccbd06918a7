// OffsetDelete, version 0. Answered when the offsets are gone from the disk. A partition that this
// broker does not have is UNKNOWN_TOPIC_OR_PARTITION and does not hold up the others. Needs Delete
// on the group, and Read on each topic.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "broker/handlers/handlers.h"
#include "kafka/messages/offset_delete.h"

namespace ticklake::broker {

using Request = kafka::OffsetDeleteRequest;
using Response = kafka::OffsetDeleteResponse;

namespace {

/// Moves the partitions that may not be read, and those that this broker does not have, out of
/// `request`; the result are the answers to them.
Response take_refused_out(Broker& broker, const Access& access, Request& request) {
  Response refused;
  for (Request::Topic& topic : request.topics) {
    Response::Topic& answers = refused.topics.emplace_back();
    answers.name = topic.name;
    const bool is_allowed = access.allows_topic(kafka::AclOperation::kRead, topic.name);
    std::erase_if(topic.partitions, [&](const Request::Topic::Partition& partition) {
      const bool is_known =
          is_allowed && broker.find_partition(topic.name, partition.partition_index);
      if (is_known) return false;
      answers.partitions.push_back(
          {partition.partition_index, is_allowed ? kafka::ErrorCode::kUnknownTopicOrPartition
                                                 : kafka::ErrorCode::kTopicAuthorizationFailed});
      return true;
    });
  }
  return refused;
}

}  // namespace

void handle_offset_delete(Broker& broker, RequestContext request) {
  auto message = decode_or_close<Request>(broker, request);
  if (!message) return;
  if (!request.access.allows_group(kafka::AclOperation::kDelete, message->group_id)) {
    Response response;
    response.error_code = kafka::ErrorCode::kGroupAuthorizationFailed;
    return request.reply.send(response);
  }
  Response refused = take_refused_out(broker, request.access, *message);
  const bool is_all_refused = std::ranges::all_of(
      message->topics, [](const Request::Topic& topic) { return topic.partitions.empty(); });
  if (is_all_refused && !message->topics.empty()) return request.reply.send(refused);
  const auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().delete_offsets(
      *message, [reply, refused = std::move(refused)](Response response) mutable {
        for (size_t i = 0; i < response.topics.size(); ++i) {
          auto& answers = response.topics[i].partitions;
          answers.insert(answers.end(), refused.topics[i].partitions.begin(),
                         refused.topics[i].partitions.end());
        }
        reply->send(response);
      });
}

}  // namespace ticklake::broker
