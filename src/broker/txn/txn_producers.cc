// Which producer a transactional id has: InitProducerId. And what administrators are told.

#include <algorithm>

#include "broker/txn/txn_coordinator.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;

namespace {

InitProducerIdResponse refusal(ErrorCode error) {
  InitProducerIdResponse response;
  response.error_code = error;
  response.producer_id = -1;
  response.producer_epoch = -1;
  return response;
}

/// A producer that says who it was may go on if nobody else has come since, or if it asks again
/// for the new id that it was given when its epochs were used up (KIP-360).
bool may_go_on(const TxnMetadata& now, const InitProducerIdRequest& request) {
  return request.producer_id < 0 || now.producer_epoch == TxnMetadata::kNoEpoch ||
         request.producer_id == now.producer_id ||
         (request.producer_id == now.last_producer_id &&
          TxnMetadata::is_exhausted(request.producer_epoch));
}

}  // namespace

void TxnCoordinator::init_producer_id(const InitProducerIdRequest& request, InitReply reply) {
  const std::string& transactional_id = *request.transactional_id;
  const bool names_half = (request.producer_id < 0) != (request.producer_epoch < 0);
  if (transactional_id.empty() || names_half) return reply(refusal(ErrorCode::kInvalidRequest));
  if (request.transaction_timeout_ms <= 0 ||
      request.transaction_timeout_ms > settings_.timeout_max.count()) {
    return reply(refusal(ErrorCode::kInvalidTransactionTimeout));
  }
  if (!transactions_.contains(transactional_id)) {
    const auto producer_id = new_producer_id_();
    if (!producer_id) {
      logger_->error("cannot give a producer id: {}", base::to_line(producer_id.error()));
      return reply(refusal(ErrorCode::kCoordinatorNotAvailable));
    }
    TxnMetadata& made = transactions_[transactional_id].metadata;
    made.producer_id = *producer_id;
    made.timeout_ms = request.transaction_timeout_ms;
    made.update_ms = now_ms();
  }
  const Transaction& transaction = transactions_.find(transactional_id)->second;
  const TxnMetadata& now = transaction.metadata;
  if (transaction.is_storing) return reply(refusal(ErrorCode::kConcurrentTransactions));
  if (!may_go_on(now, request)) return reply(refusal(ErrorCode::kProducerFenced));
  if (now.is_prepared()) return reply(refusal(ErrorCode::kConcurrentTransactions));
  if (now.state == TxnState::kOngoing) {
    return fence_and_abort(transactional_id, [reply = std::move(reply)](ErrorCode error) {
      reply(refusal(error == ErrorCode::kNone ? ErrorCode::kConcurrentTransactions : error));
    });
  }
  auto next = next_producer(now, request);
  if (!next) {
    const bool is_fenced = next.error().code == base::ErrorCode::kFenced;
    if (!is_fenced) logger_->error("{}", base::to_line(next.error()));
    return reply(
        refusal(is_fenced ? ErrorCode::kProducerFenced : ErrorCode::kCoordinatorNotAvailable));
  }
  InitProducerIdResponse response;
  response.producer_id = next->producer_id;
  response.producer_epoch = next->producer_epoch;
  store(transactional_id, std::move(*next), [response, reply = std::move(reply)](ErrorCode error) {
    reply(error == ErrorCode::kNone ? response : refusal(error));
  });
}

base::Result<TxnMetadata> TxnCoordinator::next_producer(const TxnMetadata& now,
                                                        const InitProducerIdRequest& request) {
  const bool names_itself = request.producer_id >= 0;
  TxnMetadata next = now;
  next.state = TxnState::kEmpty;
  next.partitions.clear();
  next.start_ms = -1;
  next.update_ms = now_ms();
  next.timeout_ms = request.transaction_timeout_ms;
  next.last_producer_id = now.producer_id;
  const bool is_current = !names_itself || now.producer_epoch == TxnMetadata::kNoEpoch ||
                          request.producer_epoch == now.producer_epoch;
  if (is_current) {
    next.last_producer_epoch = names_itself ? now.producer_epoch : TxnMetadata::kNoEpoch;
    next.producer_epoch = static_cast<int16_t>(now.producer_epoch + 1);
    if (TxnMetadata::is_exhausted(now.producer_epoch)) {
      TICKLAKE_ASSIGN(next.producer_id, new_producer_id_());
      next.producer_epoch = 0;
    }
    return next;
  }
  if (request.producer_epoch == now.last_producer_epoch) {
    // Its answer was lost: it gets the same one again.
    next.last_producer_id = now.last_producer_id;
    return next;
  }
  return base::fail(base::ErrorCode::kFenced, "a newer producer has that transactional id");
}

kafka::DescribeTransactionsResponse::Transaction TxnCoordinator::describe(
    const std::string& transactional_id) const {
  kafka::DescribeTransactionsResponse::Transaction answer;
  answer.transactional_id = transactional_id;
  const TxnMetadata* const found = find(transactional_id);
  if (transactional_id.empty() || !found) {
    answer.error_code =
        transactional_id.empty() ? ErrorCode::kInvalidRequest : ErrorCode::kTransactionalIdNotFound;
    return answer;
  }
  answer.transaction_state = name_of(found->state);
  answer.transaction_timeout_ms = found->timeout_ms;
  answer.transaction_start_time_ms = found->start_ms;
  answer.producer_id = found->producer_id;
  answer.producer_epoch = found->producer_epoch;
  for (const auto& [topic, partition] : found->partitions) {
    if (answer.topics.empty() || answer.topics.back().topic != topic) {
      answer.topics.emplace_back().topic = topic;
    }
    answer.topics.back().partitions.push_back(partition);
  }
  return answer;
}

kafka::ListTransactionsResponse TxnCoordinator::list(
    const kafka::ListTransactionsRequest& request) const {
  kafka::ListTransactionsResponse response;
  for (const std::string& name : request.state_filters) {
    if (!parse_txn_state(name)) response.unknown_state_filters.push_back(name);
  }
  const auto lists = [](const auto& filters, const auto& value) {
    return filters.empty() || std::ranges::find(filters, value) != filters.end();
  };
  const int64_t now = now_ms();
  for (const auto& [transactional_id, transaction] : transactions_) {
    const TxnMetadata& metadata = transaction.metadata;
    const std::string state(name_of(metadata.state));
    const bool is_long_enough =
        request.duration_filter < 0 || now - metadata.start_ms > request.duration_filter;
    if (!lists(request.state_filters, state) || !is_long_enough ||
        !lists(request.producer_id_filters, metadata.producer_id)) {
      continue;
    }
    response.transaction_states.push_back({transactional_id, metadata.producer_id, state});
  }
  return response;
}

}  // namespace ticklake::broker
