// Metadata, versions 0 to 12. One node, which is its own controller, at the address that the client
// dialled. Asking for a topic that is not there makes it, where the request (version 4 on) and the
// broker allow it. Authorized operations are not told: there is no authorization.

#include "broker/handlers/handlers.h"
#include "kafka/messages/metadata.h"

namespace ticklake::broker {
namespace {

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

MetadataResponse::Topic find_or_make(Broker& broker, const std::string& name, bool may_make) {
  if (const Topic* const topic = broker.logs().find(name)) return describe(*topic);
  if (!is_valid_topic_name(name)) return with_error(name, ErrorCode::kInvalidTopicException);
  if (!may_make || is_internal_topic(name)) {
    return with_error(name, ErrorCode::kUnknownTopicOrPartition);
  }
  const auto made = broker.create_topic(name, broker.settings().default_partitions, {});
  if (!made) {
    broker.logger().error("cannot make topic {}: {}", name, base::to_line(made.error()));
    return with_error(name, made.error().code == base::ErrorCode::kInvalidArgument
                                ? ErrorCode::kInvalidTopicException
                                : ErrorCode::kLeaderNotAvailable);
  }
  return describe(**made);
}

MetadataResponse::Topic find_by_id(Broker& broker, const base::Uuid& id) {
  if (const Topic* const topic = broker.logs().find(id)) return describe(*topic);
  MetadataResponse::Topic answer = with_error(std::nullopt, ErrorCode::kUnknownTopicId);
  answer.topic_id = id;
  return answer;
}

}  // namespace

void handle_metadata(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<MetadataRequest>(broker, context);
  if (!request) return;
  MetadataResponse response;
  response.brokers.push_back(
      {kNodeId, context.advertised.host, context.advertised.port, std::nullopt});
  response.cluster_id = broker.logs().cluster_id();
  response.controller_id = kNodeId;
  const int16_t version = context.header.api_version;
  const bool wants_all = !request->topics || (version == 0 && request->topics->empty());
  if (wants_all) {
    for (const auto& [name, topic] : broker.logs().topics()) {
      response.topics.push_back(describe(*topic));
    }
  } else {
    const bool may_make = broker.settings().auto_create_topics &&
                          (version < kAutoCreateFlagFrom || request->allow_auto_topic_creation);
    for (const auto& topic : *request->topics) {
      response.topics.push_back(topic.name ? find_or_make(broker, *topic.name, may_make)
                                           : find_by_id(broker, topic.topic_id));
    }
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
