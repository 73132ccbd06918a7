// DescribeTopicPartitions, version 0 (KIP-966): topics by name, in pages of at most so many
// partitions; the cursor says where the next page begins.

#include <algorithm>
#include <set>

#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::DescribeTopicPartitionsRequest;
using kafka::ErrorCode;
using Response = kafka::DescribeTopicPartitionsResponse;

/// Kafka's max.request.partition.size.limit.
constexpr int32_t kPartitionsPerAnswer = 2000;

Response::Topic unknown(const std::string& name) {
  Response::Topic told;
  told.name = name;
  told.error_code = is_valid_topic_name(name) ? ErrorCode::kUnknownTopicOrPartition
                                              : ErrorCode::kInvalidTopicException;
  return told;
}

/// The topic's partitions from `first` on, at most `left` of them.
Response::Topic described(const Topic& topic, int32_t first, int32_t left) {
  Response::Topic told;
  told.name = topic.name;
  told.topic_id = topic.id;
  told.is_internal = is_internal_topic(topic.name);
  const auto count = static_cast<int32_t>(topic.partitions.size());
  for (int32_t i = first; i < count && i - first < left; ++i) {
    Response::Topic::Partition& partition = told.partitions.emplace_back();
    partition.partition_index = i;
    partition.leader_id = kNodeId;
    partition.leader_epoch = topic.partitions[static_cast<size_t>(i)]->leader_epoch();
    partition.replica_nodes = {kNodeId};
    partition.isr_nodes = {kNodeId};
    partition.eligible_leader_replicas.emplace();
    partition.last_known_elr.emplace();
  }
  return told;
}

std::set<std::string> names_of(Broker& broker, const DescribeTopicPartitionsRequest& request) {
  std::set<std::string> names;
  for (const auto& topic : request.topics)
    names.insert(topic.name);
  if (!names.empty()) return names;
  for (const auto& [name, topic] : broker.logs().topics())
    names.insert(name);
  return names;
}

}  // namespace

Response answer(Broker& broker, const DescribeTopicPartitionsRequest& request) {
  Response response;
  int32_t left = std::clamp(request.response_partition_limit, 1, kPartitionsPerAnswer);
  for (const std::string& name : names_of(broker, request)) {
    if (request.cursor && name < request.cursor->topic_name) continue;
    const bool is_resumed = request.cursor && name == request.cursor->topic_name;
    const int32_t first = is_resumed ? std::max(request.cursor->partition_index, 0) : 0;
    const Topic* const topic = broker.logs().find(name);
    if (left == 0) {
      response.next_cursor = {name, 0};
      break;
    }
    if (!topic) {
      response.topics.push_back(unknown(name));
      continue;
    }
    response.topics.push_back(described(*topic, first, left));
    const auto told = static_cast<int32_t>(response.topics.back().partitions.size());
    left -= told;
    if (first + told < static_cast<int32_t>(topic->partitions.size())) {
      response.next_cursor = {name, first + told};
      break;
    }
  }
  return response;
}

void handle_describe_topic_partitions(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<DescribeTopicPartitionsRequest>(broker, context);
  if (!request) return;
  context.reply.send(answer(broker, *request));
}

}  // namespace ticklake::broker
