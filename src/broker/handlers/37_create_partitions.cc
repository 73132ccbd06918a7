// CreatePartitions, versions 0 to 3: adds partitions to a topic; there is no way back. On disk when
// it is answered. Needs Alter on each topic.

#include <algorithm>

#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::CreatePartitionsRequest;
using kafka::ErrorCode;
using Answer = kafka::CreatePartitionsResponse::Topic;

void refuse(Answer& answer, ErrorCode error, std::string message) {
  answer.error_code = error;
  answer.error_message = std::move(message);
}

bool is_acceptable(Broker& broker, const Access& access, const CreatePartitionsRequest& request,
                   const CreatePartitionsRequest::Topic& wanted, Answer& answer) {
  if (std::ranges::count(request.topics, wanted.name, &CreatePartitionsRequest::Topic::name) > 1) {
    refuse(answer, ErrorCode::kInvalidRequest, "the topic is named twice");
    return false;
  }
  if (!access.allows_topic(kafka::AclOperation::kAlter, wanted.name)) {
    refuse(answer, ErrorCode::kTopicAuthorizationFailed, "not authorized to alter it");
    return false;
  }
  const Topic* const topic = broker.logs().find(wanted.name);
  if (!topic) {
    refuse(answer, ErrorCode::kUnknownTopicOrPartition, "there is no such topic");
    return false;
  }
  if (is_internal_topic(wanted.name)) {
    refuse(answer, ErrorCode::kInvalidTopicException, "the groups' offsets are kept in it");
    return false;
  }
  const auto now = static_cast<int32_t>(topic->partitions.size());
  if (wanted.count <= now || wanted.count > kPartitionsMax) {
    refuse(answer, ErrorCode::kInvalidPartitions,
           "the topic has " + std::to_string(now) + " partitions; it can have more, up to " +
               std::to_string(kPartitionsMax));
    return false;
  }
  if (!wanted.assignments) return true;
  const bool is_whole = wanted.assignments->size() == static_cast<size_t>(wanted.count - now);
  const bool is_here = std::ranges::all_of(*wanted.assignments, [](const auto& assignment) {
    return assignment.broker_ids == std::vector<int32_t>{kNodeId};
  });
  if (is_whole && is_here) return true;
  refuse(answer, ErrorCode::kInvalidReplicaAssignment,
         "one replica is needed for each new partition, on the only broker, which has id 1");
  return false;
}

}  // namespace

kafka::CreatePartitionsResponse answer(Broker& broker, const Access& access,
                                       const CreatePartitionsRequest& request) {
  kafka::CreatePartitionsResponse response;
  for (const auto& wanted : request.topics) {
    Answer& result = response.results.emplace_back();
    result.name = wanted.name;
    if (!is_acceptable(broker, access, request, wanted, result) || request.validate_only) continue;
    if (const auto made = broker.add_partitions(wanted.name, wanted.count); !made) {
      broker.logger().error("{}", base::to_line(made.error()));
      refuse(result, ErrorCode::kKafkaStorageError, base::to_line(made.error()));
    }
  }
  return response;
}

void handle_create_partitions(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<CreatePartitionsRequest>(broker, context);
  if (!request) return;
  context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
