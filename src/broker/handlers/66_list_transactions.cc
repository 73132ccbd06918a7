// ListTransactions, versions 0 and 1 (a filter by duration, KIP-994). Transactional ids that one
// may not describe are left out.

#include "broker/handlers/handlers.h"
#include "kafka/messages/list_transactions.h"

namespace ticklake::broker {

void handle_list_transactions(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::ListTransactionsRequest>(broker, context);
  if (!request) return;
  kafka::ListTransactionsResponse response = broker.transactions().list(*request);
  std::erase_if(response.transaction_states, [&](const auto& state) {
    return !context.access.allows_transactional_id(
        kafka::AclOperation::kDescribe, state.transactional_id, Access::Denial::kIsSilent);
  });
  context.reply.send(response);
}

}  // namespace ticklake::broker
