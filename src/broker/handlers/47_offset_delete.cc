// OffsetDelete, version 0. Answered when the offsets are gone from the disk. A partition that this
// broker does not have is UNKNOWN_TOPIC_OR_PARTITION and does not hold up the others.

#include <memory>
#include <utility>
#include <vector>

#include "broker/handlers/handlers.h"
#include "kafka/messages/offset_delete.h"

namespace ticklake::broker {

using Request = kafka::OffsetDeleteRequest;
using Response = kafka::OffsetDeleteResponse;

namespace {

/// Moves the partitions that this broker does not have out of `request`; the result are the answers
/// to them.
Response take_unknown_out(Broker& broker, Request& request) {
  Response unknown;
  for (Request::Topic& topic : request.topics) {
    Response::Topic& answers = unknown.topics.emplace_back();
    answers.name = topic.name;
    std::erase_if(topic.partitions, [&](const Request::Topic::Partition& partition) {
      if (broker.find_partition(topic.name, partition.partition_index)) return false;
      answers.partitions.push_back(
          {partition.partition_index, kafka::ErrorCode::kUnknownTopicOrPartition});
      return true;
    });
  }
  return unknown;
}

}  // namespace

void handle_offset_delete(Broker& broker, RequestContext request) {
  auto message = decode_or_close<Request>(broker, request);
  if (!message) return;
  Response unknown = take_unknown_out(broker, *message);
  const auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().delete_offsets(
      *message, [reply, unknown = std::move(unknown)](Response response) mutable {
        for (size_t i = 0; i < response.topics.size(); ++i) {
          auto& answers = response.topics[i].partitions;
          answers.insert(answers.end(), unknown.topics[i].partitions.begin(),
                         unknown.topics[i].partitions.end());
        }
        reply->send(response);
      });
}

}  // namespace ticklake::broker
