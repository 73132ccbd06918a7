// DescribeProducers, version 0: what a partition remembers of its producers, so that administrators
// find a transaction that is open for too long. Needs Read on each topic.

#include <functional>

#include "broker/handlers/distinct.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/describe_producers.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using Response = kafka::DescribeProducersResponse;

namespace {

void describe(Broker& broker, const std::string& topic, bool is_allowed,
              Response::Partition& answer) {
  if (!is_valid_topic_name(topic)) {
    answer.error_code = ErrorCode::kInvalidTopicException;
    return;
  }
  if (!is_allowed) {
    answer.error_code = ErrorCode::kTopicAuthorizationFailed;
    return;
  }
  const PartitionState* const partition = broker.find_partition(topic, answer.partition_index);
  if (!partition) {
    answer.error_code = ErrorCode::kUnknownTopicOrPartition;
    return;
  }
  for (const auto& [id, producer] : partition->log->producers().producers()) {
    Response::Producer& described = answer.active_producers.emplace_back();
    described.producer_id = id;
    described.producer_epoch = producer.epoch;
    if (!producer.batches.empty()) {
      described.last_sequence = producer.batches.back().last_sequence;
    }
    described.last_timestamp = producer.last_timestamp_ms;
    described.coordinator_epoch = producer.coordinator_epoch;
    described.current_txn_start_offset = producer.open_since.value_or(-1);
  }
}

}  // namespace

void handle_describe_producers(Broker& broker, RequestContext context) {
  auto request = decode_or_close<kafka::DescribeProducersRequest>(broker, context);
  if (!request) return;
  drop_repeated(request->topics, [](const auto& topic) { return topic.name; });
  for (auto& topic : request->topics)
    drop_repeated(topic.partition_indexes, std::identity());
  Response response;
  for (const auto& topic : request->topics) {
    Response::Topic& answers = response.topics.emplace_back();
    answers.name = topic.name;
    const bool is_allowed = context.access.allows_topic(kafka::AclOperation::kRead, topic.name);
    for (const int32_t partition : topic.partition_indexes) {
      Response::Partition& answer = answers.partitions.emplace_back();
      answer.partition_index = partition;
      describe(broker, topic.name, is_allowed, answer);
    }
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
