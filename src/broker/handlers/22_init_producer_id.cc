// InitProducerId, versions 0 to 4, for idempotent producers; each gets an id of its own. With a
// transactional id it is refused: this broker has no transactions yet.

#include "broker/handlers/handlers.h"
#include "kafka/messages/init_producer_id.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;

void handle_init_producer_id(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<InitProducerIdRequest>(broker, context);
  if (!request) return;
  InitProducerIdResponse response;
  if (request->transactional_id) {
    response.error_code = ErrorCode::kTransactionalIdAuthorizationFailed;
    context.reply.send(response);
    return;
  }
  if (const auto id = broker.producer_ids().next()) {
    response.producer_id = *id;
  } else {
    broker.logger().error("cannot give a producer id: {}", base::to_line(id.error()));
    response.error_code = ErrorCode::kCoordinatorNotAvailable;  // retriable
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
