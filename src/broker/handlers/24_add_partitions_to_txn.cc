// AddPartitionsToTxn, versions 0 to 3. All or none: if a partition is not there, it is told so and
// the others OPERATION_NOT_ATTEMPTED. Internal topics are refused. Version 4 is for brokers. Needs
// Write on the transactional id and on each topic.

#include <memory>
#include <set>

#include "broker/handlers/handlers.h"
#include "kafka/messages/add_partitions_to_txn.h"

namespace ticklake::broker {

using kafka::AclOperation;
using kafka::ErrorCode;
using Request = kafka::AddPartitionsToTxnRequest;
using Response = kafka::AddPartitionsToTxnResponse;

namespace {

constexpr int16_t kProducerFencedFrom = 2;

ErrorCode check(Broker& broker, const std::string& topic, bool is_allowed, int32_t partition) {
  if (!is_allowed) return ErrorCode::kTopicAuthorizationFailed;
  return broker.find_partition(topic, partition) ? ErrorCode::kNone
                                                 : ErrorCode::kUnknownTopicOrPartition;
}

/// Where there is no error yet.
void set_error(Response& response, ErrorCode error) {
  for (Response::Topic& topic : response.topics) {
    for (Response::Partition& partition : topic.partitions) {
      if (partition.error_code == ErrorCode::kNone) partition.error_code = error;
    }
  }
}

Response refused(const Request& request, ErrorCode error) {
  Response response;
  for (const Request::Topic& topic : request.topics) {
    Response::Topic& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const int32_t partition : topic.partitions)
      answers.partitions.push_back({partition, error});
  }
  return response;
}

}  // namespace

void handle_add_partitions_to_txn(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<Request>(broker, context);
  if (!request) return;
  if (!context.access.allows_transactional_id(AclOperation::kWrite, request->transactional_id)) {
    return context.reply.send(refused(*request, ErrorCode::kTransactionalIdAuthorizationFailed));
  }
  Response response;
  std::set<TopicPartition> partitions;
  bool is_refused = false;
  for (const Request::Topic& topic : request->topics) {
    Response::Topic& answers = response.topics.emplace_back();
    answers.name = topic.name;
    const bool is_allowed = !is_internal_topic(topic.name) &&
                            context.access.allows_topic(AclOperation::kWrite, topic.name);
    for (const int32_t partition : topic.partitions) {
      const ErrorCode error = check(broker, topic.name, is_allowed, partition);
      answers.partitions.push_back({partition, error});
      partitions.emplace(topic.name, partition);
      is_refused = is_refused || error != ErrorCode::kNone;
    }
  }
  if (is_refused) {
    set_error(response, ErrorCode::kOperationNotAttempted);
    return context.reply.send(response);
  }
  const int16_t version = context.header.api_version;
  auto reply = std::make_shared<Reply>(std::move(context.reply));
  broker.transactions().add_partitions(
      request->transactional_id, {request->producer_id, request->producer_epoch}, partitions,
      [reply, version, response = std::move(response)](ErrorCode error) mutable {
        set_error(response, fenced_as_of(version, kProducerFencedFrom, error));
        reply->send(response);
      });
}

}  // namespace ticklake::broker
