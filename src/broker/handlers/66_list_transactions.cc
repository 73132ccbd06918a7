// ListTransactions, versions 0 and 1 (a filter by duration, KIP-994).

#include "broker/handlers/handlers.h"
#include "kafka/messages/list_transactions.h"

namespace ticklake::broker {

void handle_list_transactions(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::ListTransactionsRequest>(broker, context);
  if (!request) return;
  context.reply.send(broker.transactions().list(*request));
}

}  // namespace ticklake::broker
