// DeleteTopics, versions 1 to 6, by name or (version 6) by id. The offsets that groups committed
// for the topic go first, so that a later topic of that name is read from its beginning. Needs
// Delete on the topic or on the cluster; without Describe nobody learns the name of an id, or
// whether there is a topic of a name. Where the broker deletes none (delete.topic.enable) each is
// refused with 73, before version 3 with 42.

#include <memory>
#include <utility>

#include "broker/gathered_answer.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/delete_topics.h"

namespace ticklake::broker {
namespace {

using kafka::AclOperation;
using kafka::DeleteTopicsRequest;
using kafka::DeleteTopicsResponse;
using kafka::ErrorCode;

constexpr int16_t kDeletionDisabledFrom = 3;

/// The topic that may be deleted; null if none, and why in the answer.
const Topic* topic_to_delete(Broker& broker, const Access& access,
                             const DeleteTopicsRequest::Topic& wanted,
                             DeleteTopicsResponse::Topic& answer) {
  answer.name = wanted.name;
  answer.topic_id = wanted.topic_id;
  const Topic* const topic =
      wanted.name ? broker.logs().find(*wanted.name) : broker.logs().find(wanted.topic_id);
  const bool is_owner = access.allows_cluster(AclOperation::kDelete, Access::Denial::kIsSilent);
  const std::string name = topic ? topic->name : wanted.name.value_or("");
  // A topic to its owner, a name or an id to others.
  const bool is_seen =
      is_owner || (!topic && !wanted.name) || access.allows_topic(AclOperation::kDescribe, name);
  if (!is_seen) {
    answer.error_code = ErrorCode::kTopicAuthorizationFailed;
    return nullptr;
  }
  if (!topic) {
    answer.error_code =
        wanted.name ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kUnknownTopicId;
    return nullptr;
  }
  answer.name = topic->name;
  if (!is_owner && !access.allows_topic(AclOperation::kDelete, name)) {
    answer.error_code = ErrorCode::kTopicAuthorizationFailed;
    return nullptr;
  }
  answer.topic_id = topic->id;
  if (is_internal_topic(topic->name)) {
    answer.error_code = ErrorCode::kInvalidTopicException;
    answer.error_message = "the broker keeps its own state in it";
    return nullptr;
  }
  return topic;
}

using Deletion = GatheredAnswer<DeleteTopicsResponse>;

void delete_one(Broker& broker, const std::shared_ptr<Deletion>& deletion, size_t place,
                const Topic& topic) {
  deletion->expect_part();
  broker.groups().bury_offsets(
      topic.name, [&broker, deletion, place, id = topic.id](base::Result<void> buried) {
        DeleteTopicsResponse::Topic& answer = deletion->answer.responses[place];
        // Another request may have been faster, and there may be another topic of that name.
        const Topic* const still_there = broker.logs().find(id);
        if (!still_there) {
          answer.error_code = ErrorCode::kUnknownTopicOrPartition;
        } else {
          const auto deleted = buried ? broker.delete_topic(still_there->name) : std::move(buried);
          if (!deleted) {
            answer.error_code = ErrorCode::kKafkaStorageError;
            answer.error_message = base::to_line(deleted.error());
          }
        }
        deletion->settle();
      });
}

/// Where delete.topic.enable is false.
void refuse_all(const std::vector<DeleteTopicsRequest::Topic>& wanted, int16_t version,
                DeleteTopicsResponse& response) {
  for (size_t place = 0; place < wanted.size(); ++place) {
    DeleteTopicsResponse::Topic& answer = response.responses[place];
    answer.name = wanted[place].name;
    answer.topic_id = wanted[place].topic_id;
    answer.error_code = version < kDeletionDisabledFrom ? ErrorCode::kInvalidRequest
                                                        : ErrorCode::kTopicDeletionDisabled;
    answer.error_message = "delete.topic.enable is false";
  }
}

}  // namespace

void handle_delete_topics(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<DeleteTopicsRequest>(broker, context);
  if (!request) return;
  std::vector<DeleteTopicsRequest::Topic> wanted = request->topics;
  for (const std::string& name : request->topic_names)
    wanted.push_back({name, {}});
  const auto reply = std::make_shared<Reply>(std::move(context.reply));
  const auto deletion = std::make_shared<Deletion>(
      [reply](const DeleteTopicsResponse& response) { reply->send(response); });
  deletion->answer.responses.resize(wanted.size());
  if (!broker.settings().deletes_topics) {
    refuse_all(wanted, context.header.api_version, deletion->answer);
    return deletion->settle();
  }
  for (size_t place = 0; place < wanted.size(); ++place) {
    const Topic* const topic =
        topic_to_delete(broker, context.access, wanted[place], deletion->answer.responses[place]);
    if (topic) delete_one(broker, deletion, place, *topic);
  }
  deletion->settle();
}

}  // namespace ticklake::broker
