#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDescribeClusterApi{ApiKey::kDescribeCluster, "DescribeCluster", 0, 1, 0};

struct DescribeClusterResponse;

struct DescribeClusterRequest {
  static constexpr const Api& kApi = kDescribeClusterApi;
  using Response = DescribeClusterResponse;

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;  ///< 1 brokers, 2 controllers

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("include_cluster_authorized_operations", m.include_cluster_authorized_operations,
          always());
    visit("endpoint_type", m.endpoint_type, since(1));
  }
};

struct DescribeClusterResponse {
  static constexpr const Api& kApi = kDescribeClusterApi;

  struct Broker {
    int32_t broker_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("broker_id", m.broker_id, always());
      visit("host", m.host, always());
      visit("port", m.port, always());
      visit("rack", m.rack, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;
  std::vector<Broker> brokers;
  int32_t cluster_authorized_operations = kNoAuthorizedOperations;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, always());
    visit("error_message", m.error_message, always());
    visit("endpoint_type", m.endpoint_type, since(1));
    visit("cluster_id", m.cluster_id, always());
    visit("controller_id", m.controller_id, always());
    visit("brokers", m.brokers, always());
    visit("cluster_authorized_operations", m.cluster_authorized_operations, always());
  }
};

}  // namespace ticklake::kafka
