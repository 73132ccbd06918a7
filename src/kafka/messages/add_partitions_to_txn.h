#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kAddPartitionsToTxnApi{ApiKey::kAddPartitionsToTxn, "AddPartitionsToTxn", 0, 3,
                                            3};

struct AddPartitionsToTxnResponse;

/// Begins the transaction with its first partition.
struct AddPartitionsToTxnRequest {
  static constexpr const Api& kApi = kAddPartitionsToTxnApi;
  using Response = AddPartitionsToTxnResponse;

  struct Topic {
    std::string name;
    std::vector<int32_t> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partitions", m.partitions, always());
    }
  };

  std::string transactional_id;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("v3_and_below_transactional_id", m.transactional_id, always());
    visit("v3_and_below_producer_id", m.producer_id, always());
    visit("v3_and_below_producer_epoch", m.producer_epoch, always());
    visit("v3_and_below_topics", m.topics, always());
  }
};

struct AddPartitionsToTxnResponse {
  static constexpr const Api& kApi = kAddPartitionsToTxnApi;

  struct Partition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::kNone;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("partition_error_code", m.error_code, always());
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("results_by_partition", m.partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("results_by_topic_v3_and_below", m.topics, always());
  }
};

}  // namespace ticklake::kafka
