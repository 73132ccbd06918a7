// InitProducerId, versions 0 to 4. Without a transactional id every request gets an id of its own;
// with one, the transaction coordinator fences the producer that had it before. Up to version 3 a
// fenced producer is told INVALID_PRODUCER_EPOCH, which was one error with PRODUCER_FENCED then.
// Needs Write on the transactional id; without one Write on any topic (KIP-679), or IdempotentWrite
// on the cluster.

#include <memory>

#include "broker/handlers/handlers.h"
#include "kafka/messages/init_producer_id.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;

namespace {

constexpr int16_t kProducerFencedFrom = 4;

ErrorCode check(const Access& access, const InitProducerIdRequest& request) {
  using kafka::AclOperation;
  if (request.transactional_id) {
    return access.allows_transactional_id(AclOperation::kWrite, *request.transactional_id)
               ? ErrorCode::kNone
               : ErrorCode::kTransactionalIdAuthorizationFailed;
  }
  const bool is_allowed = access.allows_some_topic(AclOperation::kWrite) ||
                          access.allows_cluster(AclOperation::kIdempotentWrite);
  return is_allowed ? ErrorCode::kNone : ErrorCode::kClusterAuthorizationFailed;
}

}  // namespace

void handle_init_producer_id(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<InitProducerIdRequest>(broker, context);
  if (!request) return;
  if (const ErrorCode refused = check(context.access, *request); refused != ErrorCode::kNone) {
    InitProducerIdResponse response;
    response.error_code = refused;
    return context.reply.send(response);
  }
  if (request->transactional_id) {
    const int16_t version = context.header.api_version;
    auto reply = std::make_shared<Reply>(std::move(context.reply));
    return broker.transactions().init_producer_id(
        *request, [reply, version](InitProducerIdResponse response) {
          response.error_code = fenced_as_of(version, kProducerFencedFrom, response.error_code);
          reply->send(response);
        });
  }
  InitProducerIdResponse response;
  if (const auto id = broker.producer_ids().next()) {
    response.producer_id = *id;
  } else {
    broker.logger().error("cannot give a producer id: {}", base::to_line(id.error()));
    response.error_code = ErrorCode::kCoordinatorNotAvailable;  // retriable
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
