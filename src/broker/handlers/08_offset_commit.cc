// OffsetCommit 2 to 9. Answered when the offsets are on disk. A partition that this broker does not
// have is answered with UNKNOWN_TOPIC_OR_PARTITION and does not hold up the others. The retention
// time of versions 2 to 4 is ignored: offsets go when their group has been empty for long enough.

#include <memory>
#include <utility>
#include <vector>

#include "broker/handlers/offset_commit.h"

namespace ticklake::broker {

using Request = kafka::OffsetCommitRequest;
using Response = kafka::OffsetCommitResponse;

Response take_unknown_out(Broker& broker, Request& request) {
  Response response;
  for (Request::Topic& topic : request.topics) {
    Response::Topic& answered = response.topics.emplace_back();
    answered.name = topic.name;
    std::vector<Request::Partition> known;
    for (Request::Partition& partition : topic.partitions) {
      const bool is_known = broker.find_partition(topic.name, partition.partition_index) != nullptr;
      answered.partitions.push_back(
          {partition.partition_index,
           is_known ? kafka::ErrorCode::kNone : kafka::ErrorCode::kUnknownTopicOrPartition});
      if (is_known) known.push_back(std::move(partition));
    }
    topic.partitions = std::move(known);
  }
  return response;
}

void fill_in(Response& whole, const Response& part) {
  for (size_t i = 0; i < whole.topics.size(); ++i) {
    auto next = part.topics[i].partitions.begin();
    for (Response::Partition& partition : whole.topics[i].partitions) {
      if (partition.error_code == kafka::ErrorCode::kNone) {
        partition.error_code = (next++)->error_code;
      }
    }
  }
}

void handle_offset_commit(Broker& broker, RequestContext request) {
  auto message = decode_or_close<Request>(broker, request);
  if (!message) return;
  Response response = take_unknown_out(broker, *message);
  auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().commit(
      *message, [reply, response = std::move(response)](const Response& committed) mutable {
        fill_in(response, committed);
        reply->send(response);
      });
}

}  // namespace ticklake::broker
