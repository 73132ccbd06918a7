// Metadata, versions 0 to 12. One node, which is its own controller, at the address that the client
// dialled. Asking for a topic that is not there makes it, where the request (version 4 on) and the
// broker allow it. Topics need Describe: without it they are left out where all are asked for, and
// nobody learns whether one that is named exists. Making one needs Create on it or on the cluster.

#include "broker/handlers/distinct.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/metadata.h"

namespace ticklake::broker {
namespace {

using kafka::AclOperation;
using kafka::ErrorCode;
using kafka::MetadataRequest;
using kafka::MetadataResponse;

constexpr int16_t kAutoCreateFlagFrom = 4;

MetadataResponse::Topic describe(const Topic& topic) {
  MetadataResponse::Topic answer;
  answer.name = topic.name;
  answer.topic_id = topic.id;
  answer.is_internal = is_internal_topic(topic.name);
  for (size_t i = 0; i < topic.partitions.size(); ++i) {
    MetadataResponse::Partition& partition = answer.partitions.emplace_back();
    partition.partition_index = static_cast<int32_t>(i);
    partition.leader_id = kNodeId;
    partition.leader_epoch = topic.partitions[i]->leader_epoch();
    partition.replica_nodes = {kNodeId};
    partition.isr_nodes = {kNodeId};
  }
  return answer;
}

MetadataResponse::Topic with_error(std::optional<std::string> name, ErrorCode error) {
  MetadataResponse::Topic answer;
  answer.error_code = error;
  answer.name = std::move(name);
  return answer;
}

bool may_create(const Access& access, const std::string& name) {
  return access.allows_cluster(AclOperation::kCreate, Access::Denial::kIsSilent) ||
         access.allows_topic(AclOperation::kCreate, name);
}

MetadataResponse::Topic find_or_make(Broker& broker, const Access& access, const std::string& name,
                                     bool may_make) {
  if (!access.allows_topic(AclOperation::kDescribe, name)) {
    return with_error(name, ErrorCode::kTopicAuthorizationFailed);
  }
  if (const Topic* const topic = broker.logs().find(name)) return describe(*topic);
  if (!is_valid_topic_name(name)) return with_error(name, ErrorCode::kInvalidTopicException);
  if (!may_make || is_internal_topic(name)) {
    return with_error(name, ErrorCode::kUnknownTopicOrPartition);
  }
  if (!may_create(access, name)) return with_error(name, ErrorCode::kTopicAuthorizationFailed);
  const auto made = broker.create_topic(name, broker.settings().default_partitions, {});
  if (!made) {
    broker.logger().error("cannot make topic {}: {}", name, base::to_line(made.error()));
    return with_error(name, made.error().code == base::ErrorCode::kInvalidArgument
                                ? ErrorCode::kInvalidTopicException
                                : ErrorCode::kLeaderNotAvailable);
  }
  return describe(**made);
}

/// That an id is known is no secret, the name is.
MetadataResponse::Topic find_by_id(Broker& broker, const Access& access, const base::Uuid& id) {
  const Topic* const topic = broker.logs().find(id);
  const bool is_allowed = topic && access.allows_topic(AclOperation::kDescribe, topic->name);
  if (is_allowed) return describe(*topic);
  MetadataResponse::Topic answer = with_error(
      std::nullopt, topic ? ErrorCode::kTopicAuthorizationFailed : ErrorCode::kUnknownTopicId);
  answer.topic_id = id;
  return answer;
}

/// What the client may do with what it is told of (KIP-430). The cluster's moved to
/// DescribeCluster.
void tell_operations(const MetadataRequest& request, const Access& access,
                     MetadataResponse& response) {
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations =
        access.allows_cluster(AclOperation::kDescribe)
            ? access.operations_on(kafka::ResourceType::kCluster, kafka::kClusterName)
            : 0;
  }
  if (!request.include_topic_authorized_operations) return;
  for (MetadataResponse::Topic& topic : response.topics) {
    const bool is_refused = topic.error_code == ErrorCode::kTopicAuthorizationFailed;
    if (is_refused || !topic.name) continue;
    topic.topic_authorized_operations =
        access.operations_on(kafka::ResourceType::kTopic, *topic.name);
  }
}

}  // namespace

void handle_metadata(Broker& broker, RequestContext context) {
  auto request = decode_or_close<MetadataRequest>(broker, context);
  if (!request) return;
  if (request->topics) {
    drop_repeated(*request->topics,
                  [](const auto& topic) { return std::pair(topic.topic_id.bytes, topic.name); });
  }
  const Access& access = context.access;
  MetadataResponse response;
  response.brokers.push_back(
      {kNodeId, context.advertised.host, context.advertised.port, std::nullopt});
  response.cluster_id = broker.logs().cluster_id();
  response.controller_id = kNodeId;
  const int16_t version = context.header.api_version;
  const bool wants_all = !request->topics || (version == 0 && request->topics->empty());
  if (wants_all) {
    for (const auto& [name, topic] : broker.logs().topics()) {
      if (!access.allows_topic(AclOperation::kDescribe, name, Access::Denial::kIsSilent)) continue;
      response.topics.push_back(describe(*topic));
    }
  } else {
    const bool may_make = broker.settings().auto_create_topics &&
                          (version < kAutoCreateFlagFrom || request->allow_auto_topic_creation);
    for (const auto& topic : *request->topics) {
      response.topics.push_back(topic.name ? find_or_make(broker, access, *topic.name, may_make)
                                           : find_by_id(broker, access, topic.topic_id));
    }
  }
  tell_operations(*request, access, response);
  context.reply.send(response);
}

}  // namespace ticklake::broker
