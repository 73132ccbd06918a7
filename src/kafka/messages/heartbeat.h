#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kHeartbeatApi{ApiKey::kHeartbeat, "Heartbeat", 0, 4, 4};

struct HeartbeatResponse;

struct HeartbeatRequest {
  static constexpr const Api& kApi = kHeartbeatApi;
  using Response = HeartbeatResponse;

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, always());
    visit("generation_id", m.generation_id, always());
    visit("member_id", m.member_id, always());
    visit("group_instance_id", m.group_instance_id, since(3));
  }
};

struct HeartbeatResponse {
  static constexpr const Api& kApi = kHeartbeatApi;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("error_code", m.error_code, always());
  }
};

}  // namespace ticklake::kafka
