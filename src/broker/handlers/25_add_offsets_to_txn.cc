// AddOffsetsToTxn, versions 0 to 3. The groups' offsets stand in one partition, which becomes part
// of the transaction like any other. Needs Write on the transactional id and Read on the group.

#include <memory>

#include "broker/handlers/handlers.h"
#include "kafka/messages/add_offsets_to_txn.h"

namespace ticklake::broker {

namespace {

constexpr int16_t kProducerFencedFrom = 2;

kafka::ErrorCode check(const Access& access, const kafka::AddOffsetsToTxnRequest& request) {
  using kafka::AclOperation;
  if (!access.allows_transactional_id(AclOperation::kWrite, request.transactional_id)) {
    return kafka::ErrorCode::kTransactionalIdAuthorizationFailed;
  }
  return access.allows_group(AclOperation::kRead, request.group_id)
             ? kafka::ErrorCode::kNone
             : kafka::ErrorCode::kGroupAuthorizationFailed;
}

}  // namespace

void handle_add_offsets_to_txn(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::AddOffsetsToTxnRequest>(broker, context);
  if (!request) return;
  if (const auto refused = check(context.access, *request); refused != kafka::ErrorCode::kNone) {
    kafka::AddOffsetsToTxnResponse response;
    response.error_code = refused;
    return context.reply.send(response);
  }
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
