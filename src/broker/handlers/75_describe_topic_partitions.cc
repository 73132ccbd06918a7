// DescribeTopicPartitions, version 0 (KIP-966): topics by name, in pages of at most so many
// partitions; the cursor says where the next page begins. Needs Describe on each topic: without it
// they are left out where all are asked for, and nobody learns whether one that is named exists.

#include <algorithm>
#include <set>

#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::DescribeTopicPartitionsRequest;
using kafka::ErrorCode;
using Response = kafka::DescribeTopicPartitionsResponse;

Response::Topic without_partitions(const std::string& name, ErrorCode error) {
  Response::Topic told;
  told.name = name;
  told.error_code = error;
  return told;
}

Response::Topic unknown(const std::string& name) {
  return without_partitions(name, is_valid_topic_name(name) ? ErrorCode::kUnknownTopicOrPartition
                                                            : ErrorCode::kInvalidTopicException);
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

/// The topics that may be described, from the cursor on; those that may not, as answers to them.
std::set<std::string> names_of(Broker& broker, const Access& access,
                               const DescribeTopicPartitionsRequest& request,
                               std::vector<Response::Topic>& refused) {
  std::set<std::string> names;
  const auto is_told = [&](const std::string& name) {
    return request.cursor && name < request.cursor->topic_name;
  };
  if (request.topics.empty()) {
    for (const auto& [name, topic] : broker.logs().topics()) {
      constexpr auto kIsSilent = Access::Denial::kIsSilent;
      if (!is_told(name) && access.allows_topic(kafka::AclOperation::kDescribe, name, kIsSilent)) {
        names.insert(name);
      }
    }
    return names;
  }
  for (const auto& topic : request.topics) {
    if (is_told(topic.name)) continue;
    if (access.allows_topic(kafka::AclOperation::kDescribe, topic.name)) {
      names.insert(topic.name);
    } else {
      refused.push_back(without_partitions(topic.name, ErrorCode::kTopicAuthorizationFailed));
    }
  }
  return names;
}

}  // namespace

Response answer(Broker& broker, const Access& access,
                const DescribeTopicPartitionsRequest& request) {
  Response response;
  int32_t left =
      std::clamp(request.response_partition_limit, 1, broker.settings().partitions_per_answer);
  std::vector<Response::Topic> refused;
  for (const std::string& name : names_of(broker, access, request, refused)) {
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
  for (Response::Topic& topic : response.topics) {
    topic.topic_authorized_operations =
        access.operations_on(kafka::ResourceType::kTopic, *topic.name);
  }
  std::ranges::move(refused, std::back_inserter(response.topics));
  return response;
}

void handle_describe_topic_partitions(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<DescribeTopicPartitionsRequest>(broker, context);
  if (!request) return;
  context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
