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

inline constexpr Api kDescribeGroupsApi{ApiKey::kDescribeGroups, "DescribeGroups", 0, 5, 5};

struct DescribeGroupsResponse;

struct DescribeGroupsRequest {
  static constexpr const Api& kApi = kDescribeGroupsApi;
  using Response = DescribeGroupsResponse;

  std::vector<std::string> groups;
  bool include_authorized_operations = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("groups", m.groups, always());
    visit("include_authorized_operations", m.include_authorized_operations, since(3));
  }
};

struct DescribeGroupsResponse {
  static constexpr const Api& kApi = kDescribeGroupsApi;

  struct Group {
    struct Member {
      std::string member_id;
      std::optional<std::string> group_instance_id;
      std::string client_id;
      std::string client_host;
      base::Bytes member_metadata;
      base::Bytes member_assignment;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("member_id", m.member_id, always());
        visit("group_instance_id", m.group_instance_id, since(4));
        visit("client_id", m.client_id, always());
        visit("client_host", m.client_host, always());
        visit("member_metadata", m.member_metadata, always());
        visit("member_assignment", m.member_assignment, always());
      }
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::string group_id;
    std::string group_state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<Member> members;
    int32_t authorized_operations = kNoAuthorizedOperations;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("group_id", m.group_id, always());
      visit("group_state", m.group_state, always());
      visit("protocol_type", m.protocol_type, always());
      visit("protocol_data", m.protocol_data, always());
      visit("members", m.members, always());
      visit("authorized_operations", m.authorized_operations, since(3));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("groups", m.groups, always());
  }
};

}  // namespace ticklake::kafka
