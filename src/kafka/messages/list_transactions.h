#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kListTransactionsApi{ApiKey::kListTransactions, "ListTransactions", 0, 1, 0};

struct ListTransactionsResponse;

struct ListTransactionsRequest {
  static constexpr const Api& kApi = kListTransactionsApi;
  using Response = ListTransactionsResponse;

  std::vector<std::string> state_filters;    ///< empty: every state
  std::vector<int64_t> producer_id_filters;  ///< empty: every producer
  int64_t duration_filter = -1;              ///< only those that run for longer, in ms

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("state_filters", m.state_filters, always());
    visit("producer_id_filters", m.producer_id_filters, always());
    visit("duration_filter", m.duration_filter, since(1));
  }
};

struct ListTransactionsResponse {
  static constexpr const Api& kApi = kListTransactionsApi;

  struct Transaction {
    std::string transactional_id;
    int64_t producer_id = -1;
    std::string transaction_state;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("transactional_id", m.transactional_id, always());
      visit("producer_id", m.producer_id, always());
      visit("transaction_state", m.transaction_state, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::vector<std::string> unknown_state_filters;
  std::vector<Transaction> transaction_states;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, always());
    visit("unknown_state_filters", m.unknown_state_filters, always());
    visit("transaction_states", m.transaction_states, always());
  }
};

}  // namespace ticklake::kafka
