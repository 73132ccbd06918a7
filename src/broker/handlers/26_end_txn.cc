// EndTxn, versions 0 to 4. Versions from 5 on, which give a new epoch with each answer, belong to
// KIP-890's second form and are not served. Needs Write on the transactional id.

#include <memory>

#include "broker/handlers/handlers.h"
#include "kafka/messages/end_txn.h"

namespace ticklake::broker {

namespace {

constexpr int16_t kProducerFencedFrom = 2;

}  // namespace

void handle_end_txn(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::EndTxnRequest>(broker, context);
  if (!request) return;
  if (!context.access.allows_transactional_id(kafka::AclOperation::kWrite,
                                              request->transactional_id)) {
    kafka::EndTxnResponse refused;
    refused.error_code = kafka::ErrorCode::kTransactionalIdAuthorizationFailed;
    return context.reply.send(refused);
  }
  const int16_t version = context.header.api_version;
  auto reply = std::make_shared<Reply>(std::move(context.reply));
  broker.transactions().end(
      request->transactional_id, {request->producer_id, request->producer_epoch},
      request->committed, [reply, version](kafka::ErrorCode error) {
        kafka::EndTxnResponse response;
        response.error_code = fenced_as_of(version, kProducerFencedFrom, error);
        reply->send(response);
      });
}

}  // namespace ticklake::broker
