// DescribeTransactions, version 0. Needs Describe on each transactional id; topics that one may not
// describe are left out.

#include <functional>

#include "broker/handlers/distinct.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/describe_transactions.h"

namespace ticklake::broker {

using kafka::AclOperation;

void handle_describe_transactions(Broker& broker, RequestContext context) {
  auto request = decode_or_close<kafka::DescribeTransactionsRequest>(broker, context);
  if (!request) return;
  drop_repeated(request->transactional_ids, std::identity());
  kafka::DescribeTransactionsResponse response;
  for (const std::string& transactional_id : request->transactional_ids) {
    auto& state = response.transaction_states.emplace_back();
    if (!context.access.allows_transactional_id(AclOperation::kDescribe, transactional_id)) {
      state.transactional_id = transactional_id;
      state.error_code = kafka::ErrorCode::kTransactionalIdAuthorizationFailed;
      continue;
    }
    state = broker.transactions().describe(transactional_id);
    std::erase_if(state.topics, [&](const auto& topic) {
      return !context.access.allows_topic(AclOperation::kDescribe, topic.topic,
                                          Access::Denial::kIsSilent);
    });
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
