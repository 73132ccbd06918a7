#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kSyncGroupApi{ApiKey::kSyncGroup, "SyncGroup", 0, 5, 4};

struct SyncGroupResponse;

struct SyncGroupRequest {
  static constexpr const Api& kApi = kSyncGroupApi;
  using Response = SyncGroupResponse;

  struct Assignment {
    std::string member_id;
    base::Bytes assignment;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("member_id", m.member_id, always());
      visit("assignment", m.assignment, always());
    }
  };

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<Assignment> assignments;  ///< only from the leader

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, always());
    visit("generation_id", m.generation_id, always());
    visit("member_id", m.member_id, always());
    visit("group_instance_id", m.group_instance_id, since(3));
    visit("protocol_type", m.protocol_type, since(5));
    visit("protocol_name", m.protocol_name, since(5));
    visit("assignments", m.assignments, always());
  }
};

struct SyncGroupResponse {
  static constexpr const Api& kApi = kSyncGroupApi;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  base::Bytes assignment;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("error_code", m.error_code, always());
    visit("protocol_type", m.protocol_type, since(5));
    visit("protocol_name", m.protocol_name, since(5));
    visit("assignment", m.assignment, always());
  }
};

}  // namespace ticklake::kafka
