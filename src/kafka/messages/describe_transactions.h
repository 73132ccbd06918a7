#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDescribeTransactionsApi{ApiKey::kDescribeTransactions, "DescribeTransactions",
                                              0, 0, 0};

struct DescribeTransactionsResponse;

struct DescribeTransactionsRequest {
  static constexpr const Api& kApi = kDescribeTransactionsApi;
  using Response = DescribeTransactionsResponse;

  std::vector<std::string> transactional_ids;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("transactional_ids", m.transactional_ids, always());
  }
};

struct DescribeTransactionsResponse {
  static constexpr const Api& kApi = kDescribeTransactionsApi;

  struct Topic {
    std::string topic;
    std::vector<int32_t> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic", m.topic, always());
      visit("partitions", m.partitions, always());
    }
  };
  struct Transaction {
    ErrorCode error_code = ErrorCode::kNone;
    std::string transactional_id;
    std::string transaction_state;  ///< as Kafka spells it: "PrepareCommit"
    int32_t transaction_timeout_ms = 0;
    int64_t transaction_start_time_ms = -1;
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    std::vector<Topic> topics;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("transactional_id", m.transactional_id, always());
      visit("transaction_state", m.transaction_state, always());
      visit("transaction_timeout_ms", m.transaction_timeout_ms, always());
      visit("transaction_start_time_ms", m.transaction_start_time_ms, always());
      visit("producer_id", m.producer_id, always());
      visit("producer_epoch", m.producer_epoch, always());
      visit("topics", m.topics, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Transaction> transaction_states;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("transaction_states", m.transaction_states, always());
  }
};

}  // namespace ticklake::kafka
