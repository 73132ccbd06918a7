// SaslHandshake, versions 0 and 1 (KIP-43): after version 0 the client's tokens follow as they are,
// after version 1 in SaslAuthenticate. On a listener without SASL there is nothing to agree on: 34.

#include "broker/handlers/handlers.h"
#include "broker/security/authentication.h"
#include "kafka/messages/sasl_handshake.h"

namespace ticklake::broker {

void handle_sasl_handshake(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::SaslHandshakeRequest>(broker, context);
  if (!request) return;
  kafka::SaslHandshakeResponse response;
  if (!context.authentication) {
    response.error_code = kafka::ErrorCode::kIllegalSaslState;
    return context.reply.send(response);
  }
  response.error_code =
      context.authentication->choose(request->mechanism, context.header.api_version);
  response.mechanisms = context.authentication->mechanisms();
  if (response.error_code == kafka::ErrorCode::kNone) return context.reply.send(response);
  broker.logger().warn("a client from {} was refused: SASL mechanism '{}': {}", context.client_host,
                       printable(request->mechanism), name_of(response.error_code));
  context.reply.send_last(response);
}

}  // namespace ticklake::broker
