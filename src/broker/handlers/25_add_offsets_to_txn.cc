// AddOffsetsToTxn, versions 0 to 3. The groups' offsets stand in one partition, which becomes part
// of the transaction like any other.

#include <memory>

#include "broker/handlers/handlers.h"
#include "kafka/messages/add_offsets_to_txn.h"

namespace ticklake::broker {

namespace {

constexpr int16_t kProducerFencedFrom = 2;

}  // namespace

void handle_add_offsets_to_txn(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::AddOffsetsToTxnRequest>(broker, context);
  if (!request) return;
  const int16_t version = context.header.api_version;
  auto reply = std::make_shared<Reply>(std::move(context.reply));
  broker.transactions().add_partitions(
      request->transactional_id, {request->producer_id, request->producer_epoch},
      {{std::string(kOffsetsTopic), 0}}, [reply, version](kafka::ErrorCode error) {
        kafka::AddOffsetsToTxnResponse response;
        response.error_code = fenced_as_of(version, kProducerFencedFrom, error);
        reply->send(response);
      });
}

}  // namespace ticklake::broker
