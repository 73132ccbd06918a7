#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kFindCoordinatorApi{ApiKey::kFindCoordinator, "FindCoordinator", 0, 4, 3};

struct FindCoordinatorResponse;

struct FindCoordinatorRequest {
  static constexpr const Api& kApi = kFindCoordinatorApi;
  using Response = FindCoordinatorResponse;

  std::string key;                            ///< up to version 3
  int8_t key_type = 0;                        ///< 0: group, 1: transaction
  std::vector<std::string> coordinator_keys;  ///< from version 4

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("key", m.key, until(3));
    visit("key_type", m.key_type, since(1));
    visit("coordinator_keys", m.coordinator_keys, since(4));
  }
};

/// Up to version 3 the answer stands in the message itself, from version 4 on in coordinators.
struct FindCoordinatorResponse {
  static constexpr const Api& kApi = kFindCoordinatorApi;

  struct Coordinator {
    std::string key;
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("key", m.key, always());
      visit("node_id", m.node_id, always());
      visit("host", m.host, always());
      visit("port", m.port, always());
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::optional<std::string> error_message;
  int32_t node_id = 0;
  std::string host;
  int32_t port = 0;
  std::vector<Coordinator> coordinators;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("error_code", m.error_code, until(3));
    visit("error_message", m.error_message, between(1, 3));
    visit("node_id", m.node_id, until(3));
    visit("host", m.host, until(3));
    visit("port", m.port, until(3));
    visit("coordinators", m.coordinators, since(4));
  }
};

}  // namespace ticklake::kafka
