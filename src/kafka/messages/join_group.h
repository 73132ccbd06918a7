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

inline constexpr Api kJoinGroupApi{ApiKey::kJoinGroup, "JoinGroup", 0, 9, 6};

struct JoinGroupResponse;

struct JoinGroupRequest {
  static constexpr const Api& kApi = kJoinGroupApi;
  using Response = JoinGroupResponse;

  struct Protocol {
    std::string name;
    base::Bytes metadata;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("metadata", m.metadata, always());
    }
  };

  std::string group_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;  ///< -1 (version 0): the session timeout
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<Protocol> protocols;  ///< the member's favourite first
  std::optional<std::string> reason;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, always());
    visit("session_timeout_ms", m.session_timeout_ms, always());
    visit("rebalance_timeout_ms", m.rebalance_timeout_ms, since(1));
    visit("member_id", m.member_id, always());
    visit("group_instance_id", m.group_instance_id, since(5));
    visit("protocol_type", m.protocol_type, always());
    visit("protocols", m.protocols, always());
    visit("reason", m.reason, since(8));
  }
};

struct JoinGroupResponse {
  static constexpr const Api& kApi = kJoinGroupApi;

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    base::Bytes metadata;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("member_id", m.member_id, always());
      visit("group_instance_id", m.group_instance_id, since(5));
      visit("metadata", m.metadata, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  int32_t generation_id = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;  ///< null only from version 7 on, else written empty
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<Member> members;  ///< only for the leader

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(2));
    visit("error_code", m.error_code, always());
    visit("generation_id", m.generation_id, always());
    visit("protocol_type", m.protocol_type, since(7));
    visit("protocol_name", m.protocol_name, always().nullable(7));
    visit("leader", m.leader, always());
    visit("skip_assignment", m.skip_assignment, since(9));
    visit("member_id", m.member_id, always());
    visit("members", m.members, always());
  }
};

}  // namespace ticklake::kafka
