// SaslAuthenticate, versions 0 to 2 (KIP-152): one token of the mechanism that SaslHandshake chose.
// A session has no end (session_lifetime_ms 0), though a client may authenticate again (KIP-368).
// What fails is answered with a delay, then the connection is closed.

#include "broker/handlers/handlers.h"
#include "broker/security/authentication.h"
#include "kafka/messages/sasl_authenticate.h"

namespace ticklake::broker {

void handle_sasl_authenticate(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::SaslAuthenticateRequest>(broker, context);
  if (!request) return;
  if (!context.authentication) {
    kafka::SaslAuthenticateResponse response;
    response.error_code = kafka::ErrorCode::kIllegalSaslState;
    response.error_message = "this listener asks nobody who he is";
    return context.reply.send(response);
  }
  const auto reply = std::make_shared<Reply>(std::move(context.reply));
  context.authentication->take(request->auth_bytes, [reply](Authentication::Answer answer) {
    kafka::SaslAuthenticateResponse response;
    response.error_code = answer.error;
    response.auth_bytes = std::move(answer.token);
    if (answer.error == kafka::ErrorCode::kNone) return reply->send(response);
    response.error_message = std::move(answer.message);
    reply->send_last(response);
  });
}

}  // namespace ticklake::broker
