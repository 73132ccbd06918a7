// DeleteTopics, versions 1 to 6, by name or (version 6) by id. The offsets that groups committed
// for the topic go with it. Needs Delete on the topic or on the cluster; without Describe nobody
// learns the name of an id, or whether there is a topic of a name.

#include "broker/handlers/handlers.h"
#include "kafka/messages/delete_topics.h"

namespace ticklake::broker {
namespace {

using kafka::AclOperation;
using kafka::DeleteTopicsRequest;
using kafka::DeleteTopicsResponse;
using kafka::ErrorCode;

/// A topic to its owner, a name or an id to others.
void delete_one(Broker& broker, const Access& access, const DeleteTopicsRequest::Topic& wanted,
                DeleteTopicsResponse::Topic& answer) {
  answer.name = wanted.name;
  answer.topic_id = wanted.topic_id;
  const Topic* const topic =
      wanted.name ? broker.logs().find(*wanted.name) : broker.logs().find(wanted.topic_id);
  const bool is_owner = access.allows_cluster(AclOperation::kDelete, Access::Denial::kIsSilent);
  const std::string name = topic ? topic->name : wanted.name.value_or("");
  const bool is_seen =
      is_owner || (!topic && !wanted.name) || access.allows_topic(AclOperation::kDescribe, name);
  if (!is_seen) {
    answer.error_code = ErrorCode::kTopicAuthorizationFailed;
    return;
  }
  if (!topic) {
    answer.error_code =
        wanted.name ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kUnknownTopicId;
    return;
  }
  answer.name = topic->name;
  if (!is_owner && !access.allows_topic(AclOperation::kDelete, name)) {
    answer.error_code = ErrorCode::kTopicAuthorizationFailed;
    return;
  }
  answer.topic_id = topic->id;
  if (is_internal_topic(topic->name)) {
    answer.error_code = ErrorCode::kInvalidTopicException;
    answer.error_message = "the broker keeps its own state in it";
    return;
  }
  if (const auto deleted = broker.delete_topic(*answer.name); !deleted) {
    answer.error_code = ErrorCode::kKafkaStorageError;
    answer.error_message = base::to_line(deleted.error());
  }
}

}  // namespace

void handle_delete_topics(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<DeleteTopicsRequest>(broker, context);
  if (!request) return;
  DeleteTopicsResponse response;
  for (const auto& topic : request->topics) {
    delete_one(broker, context.access, topic, response.responses.emplace_back());
  }
  for (const std::string& name : request->topic_names) {
    delete_one(broker, context.access, {name, {}}, response.responses.emplace_back());
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
