#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDescribeProducersApi{ApiKey::kDescribeProducers, "DescribeProducers", 0, 0,
                                           0};

struct DescribeProducersResponse;

struct DescribeProducersRequest {
  static constexpr const Api& kApi = kDescribeProducersApi;
  using Response = DescribeProducersResponse;

  struct Topic {
    std::string name;
    std::vector<int32_t> partition_indexes;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partition_indexes", m.partition_indexes, always());
    }
  };

  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, always());
  }
};

struct DescribeProducersResponse {
  static constexpr const Api& kApi = kDescribeProducersApi;

  struct Producer {
    int64_t producer_id = -1;
    int32_t producer_epoch = -1;
    int32_t last_sequence = -1;
    int64_t last_timestamp = -1;
    int32_t coordinator_epoch = -1;
    int64_t current_txn_start_offset = -1;  ///< -1: no open transaction

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("producer_id", m.producer_id, always());
      visit("producer_epoch", m.producer_epoch, always());
      visit("last_sequence", m.last_sequence, always());
      visit("last_timestamp", m.last_timestamp, always());
      visit("coordinator_epoch", m.coordinator_epoch, always());
      visit("current_txn_start_offset", m.current_txn_start_offset, always());
    }
  };
  struct Partition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<Producer> active_producers;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("active_producers", m.active_producers, always());
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partitions", m.partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("topics", m.topics, always());
  }
};

}  // namespace ticklake::kafka
