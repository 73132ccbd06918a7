#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDeleteGroupsApi{ApiKey::kDeleteGroups, "DeleteGroups", 0, 2, 2};

struct DeleteGroupsResponse;

struct DeleteGroupsRequest {
  static constexpr const Api& kApi = kDeleteGroupsApi;
  using Response = DeleteGroupsResponse;

  std::vector<std::string> groups_names;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("groups_names", m.groups_names, always());
  }
};

struct DeleteGroupsResponse {
  static constexpr const Api& kApi = kDeleteGroupsApi;

  struct Group {
    std::string group_id;
    ErrorCode error_code = ErrorCode::kNone;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("group_id", m.group_id, always());
      visit("error_code", m.error_code, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> results;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("results", m.results, always());
  }
};

}  // namespace ticklake::kafka
