#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

// The numbers of types, operations and permissions are those of acl.h.

inline constexpr Api kCreateAclsApi{ApiKey::kCreateAcls, "CreateAcls", 1, 3, 2};

struct CreateAclsResponse;

struct CreateAclsRequest {
  static constexpr const Api& kApi = kCreateAclsApi;
  using Response = CreateAclsResponse;

  struct Creation {
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t resource_pattern_type = 3;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("resource_type", m.resource_type, always());
      visit("resource_name", m.resource_name, always());
      visit("resource_pattern_type", m.resource_pattern_type, always());
      visit("principal", m.principal, always());
      visit("host", m.host, always());
      visit("operation", m.operation, always());
      visit("permission_type", m.permission_type, always());
    }
  };

  std::vector<Creation> creations;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("creations", m.creations, always());
  }
};

struct CreateAclsResponse {
  static constexpr const Api& kApi = kCreateAclsApi;

  struct Result {
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;  ///< in the order of the creations

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("results", m.results, always());
  }
};

}  // namespace ticklake::kafka
