// DescribeTransactions, version 0.

#include "broker/handlers/handlers.h"
#include "kafka/messages/describe_transactions.h"

namespace ticklake::broker {

void handle_describe_transactions(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::DescribeTransactionsRequest>(broker, context);
  if (!request) return;
  kafka::DescribeTransactionsResponse response;
  for (const std::string& transactional_id : request->transactional_ids)
    response.transaction_states.push_back(broker.transactions().describe(transactional_id));
  context.reply.send(response);
}

}  // namespace ticklake::broker
