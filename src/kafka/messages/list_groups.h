#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kListGroupsApi{ApiKey::kListGroups, "ListGroups", 0, 5, 3};

struct ListGroupsResponse;

struct ListGroupsRequest {
  static constexpr const Api& kApi = kListGroupsApi;
  using Response = ListGroupsResponse;

  std::vector<std::string> states_filter;  ///< none: every state
  std::vector<std::string> types_filter;   ///< none: every type

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("states_filter", m.states_filter, since(4));
    visit("types_filter", m.types_filter, since(5));
  }
};

struct ListGroupsResponse {
  static constexpr const Api& kApi = kListGroupsApi;

  struct Group {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    std::string group_type;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("group_id", m.group_id, always());
      visit("protocol_type", m.protocol_type, always());
      visit("group_state", m.group_state, since(4));
      visit("group_type", m.group_type, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::vector<Group> groups;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("error_code", m.error_code, always());
    visit("groups", m.groups, always());
  }
};

}  // namespace ticklake::kafka
