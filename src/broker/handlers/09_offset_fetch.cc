// OffsetFetch 1 to 9. A group that nobody knows has no offsets and no error, as in Kafka. Who asks
// for stable offsets (version 7) is told to wait for those that an open transaction may change.
// Member id and epoch (version 9) belong to KIP-848.

#include "broker/handlers/handlers.h"
#include "kafka/messages/offset_fetch.h"

namespace ticklake::broker {

void handle_offset_fetch(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::OffsetFetchRequest>(broker, request);
  if (!message) return;
  request.reply.send(broker.groups().fetch(*message, request.header.api_version));
}

}  // namespace ticklake::broker
