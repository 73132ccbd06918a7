// Heartbeat 0 to 4.

#include "broker/handlers/handlers.h"
#include "kafka/messages/heartbeat.h"

namespace ticklake::broker {

void handle_heartbeat(Broker& broker, RequestContext request) {
  const auto message = decode_or_close<kafka::HeartbeatRequest>(broker, request);
  if (!message) return;
  request.reply.send(broker.groups().heartbeat(*message));
}

}  // namespace ticklake::broker
