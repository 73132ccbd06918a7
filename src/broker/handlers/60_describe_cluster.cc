// DescribeCluster, versions 0 and 1 (KIP-700, KIP-919). One broker, at the address that the client
// dialled, which is its own controller. What one may do to the cluster is told to those with
// Describe on it.

#include "broker/handlers/handlers.h"
#include "kafka/messages/describe_cluster.h"

namespace ticklake::broker {

void handle_describe_cluster(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::DescribeClusterRequest>(broker, context);
  if (!request) return;
  constexpr int8_t kBrokers = 1;
  constexpr int8_t kControllers = 2;
  kafka::DescribeClusterResponse response;
  response.endpoint_type = request->endpoint_type;
  if (request->endpoint_type != kBrokers) {
    response.error_code = request->endpoint_type == kControllers
                              ? kafka::ErrorCode::kMismatchedEndpointType
                              : kafka::ErrorCode::kUnsupportedEndpointType;
    response.error_message = "this endpoint is that of a broker";
  } else {
    response.cluster_id = broker.logs().cluster_id();
    response.controller_id = kNodeId;
    response.brokers.push_back(
        {kNodeId, context.advertised.host, context.advertised.port, std::nullopt});
  }
  if (response.error_code == kafka::ErrorCode::kNone &&
      request->include_cluster_authorized_operations) {
    response.cluster_authorized_operations =
        context.access.allows_cluster(kafka::AclOperation::kDescribe)
            ? context.access.operations_on(kafka::ResourceType::kCluster, kafka::kClusterName)
            : 0;
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
