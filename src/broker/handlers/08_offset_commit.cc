// OffsetCommit 2 to 9. Answered when the offsets are on disk. A partition that this broker does not
// have is answered with UNKNOWN_TOPIC_OR_PARTITION and does not hold up the others. The retention
// time of versions 2 to 4 is ignored: offsets go when their group has been empty for long enough.
// Needs Read on the group, and on each topic.

#include <memory>
#include <utility>
#include <vector>

#include "broker/handlers/offset_commit.h"

namespace ticklake::broker {

using Request = kafka::OffsetCommitRequest;
using Response = kafka::OffsetCommitResponse;

namespace {

/// What refuses each partition of the request; kNone where it may be committed.
template <typename ErrorOf>
Response take_out(Request& request, ErrorOf&& error_of) {
  Response response;
  for (Request::Topic& topic : request.topics) {
    Response::Topic& answered = response.topics.emplace_back();
    answered.name = topic.name;
    std::vector<Request::Partition> left;
    const auto error_of_partition = error_of(topic.name);
    for (Request::Partition& partition : topic.partitions) {
      const kafka::ErrorCode error = error_of_partition(partition.partition_index);
      answered.partitions.push_back({partition.partition_index, error});
      if (error == kafka::ErrorCode::kNone) left.push_back(std::move(partition));
    }
    topic.partitions = std::move(left);
  }
  return response;
}

}  // namespace

Response take_refused_out(Broker& broker, const Access& access, Request& request) {
  return take_out(request, [&](const std::string& topic) {
    const bool is_allowed = access.allows_topic(kafka::AclOperation::kRead, topic);
    return [&broker, &topic, is_allowed](int32_t partition) {
      if (!is_allowed) return kafka::ErrorCode::kTopicAuthorizationFailed;
      return broker.find_partition(topic, partition) ? kafka::ErrorCode::kNone
                                                     : kafka::ErrorCode::kUnknownTopicOrPartition;
    };
  });
}

Response refuse_all(Request& request, kafka::ErrorCode error) {
  return take_out(request,
                  [error](const std::string&) { return [error](int32_t) { return error; }; });
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
  if (!request.access.allows_group(kafka::AclOperation::kRead, message->group_id)) {
    return request.reply.send(refuse_all(*message, kafka::ErrorCode::kGroupAuthorizationFailed));
  }
  Response response = take_refused_out(broker, request.access, *message);
  auto reply = std::make_shared<Reply>(std::move(request.reply));
  broker.groups().commit(
      *message, [reply, response = std::move(response)](const Response& committed) mutable {
        fill_in(response, committed);
        reply->send(response);
      });
}

}  // namespace ticklake::broker
