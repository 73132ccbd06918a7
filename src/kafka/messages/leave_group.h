#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kLeaveGroupApi{ApiKey::kLeaveGroup, "LeaveGroup", 0, 5, 4};

struct LeaveGroupResponse;

struct LeaveGroupRequest {
  static constexpr const Api& kApi = kLeaveGroupApi;
  using Response = LeaveGroupResponse;

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> reason;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("member_id", m.member_id, always());
      visit("group_instance_id", m.group_instance_id, always());
      visit("reason", m.reason, since(5));
    }
  };

  std::string group_id;
  std::string member_id;        ///< up to version 2
  std::vector<Member> members;  ///< from version 3

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, always());
    visit("member_id", m.member_id, until(2));
    visit("members", m.members, since(3));
  }
};

struct LeaveGroupResponse {
  static constexpr const Api& kApi = kLeaveGroupApi;

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    ErrorCode error_code = ErrorCode::kNone;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("member_id", m.member_id, always());
      visit("group_instance_id", m.group_instance_id, always());
      visit("error_code", m.error_code, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::vector<Member> members;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("error_code", m.error_code, always());
    visit("members", m.members, since(3));
  }
};

}  // namespace ticklake::kafka
