#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kCreatePartitionsApi{ApiKey::kCreatePartitions, "CreatePartitions", 0, 3, 2};

struct CreatePartitionsResponse;

struct CreatePartitionsRequest {
  static constexpr const Api& kApi = kCreatePartitionsApi;
  using Response = CreatePartitionsResponse;

  struct Topic {
    struct Assignment {
      std::vector<int32_t> broker_ids;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("broker_ids", m.broker_ids, always());
      }
    };

    std::string name;
    int32_t count = 0;  ///< of all partitions afterwards
    std::optional<std::vector<Assignment>>
        assignments;  ///< one a new partition; null: the broker chooses

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("count", m.count, always());
      visit("assignments", m.assignments, always());
    }
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, always());
    visit("timeout_ms", m.timeout_ms, always());
    visit("validate_only", m.validate_only, always());
  }
};

struct CreatePartitionsResponse {
  static constexpr const Api& kApi = kCreatePartitionsApi;

  struct Topic {
    std::string name;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> results;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("results", m.results, always());
  }
};

}  // namespace ticklake::kafka
