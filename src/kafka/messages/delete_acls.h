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

inline constexpr Api kDeleteAclsApi{ApiKey::kDeleteAcls, "DeleteAcls", 1, 3, 2};

struct DeleteAclsResponse;

struct DeleteAclsRequest {
  static constexpr const Api& kApi = kDeleteAclsApi;
  using Response = DeleteAclsResponse;

  struct Filter {
    int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter;  ///< null: any
    int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter;  ///< null: any
    std::optional<std::string> host_filter;       ///< null: any
    int8_t operation = 0;
    int8_t permission_type = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("resource_type_filter", m.resource_type_filter, always());
      visit("resource_name_filter", m.resource_name_filter, always());
      visit("pattern_type_filter", m.pattern_type_filter, always());
      visit("principal_filter", m.principal_filter, always());
      visit("host_filter", m.host_filter, always());
      visit("operation", m.operation, always());
      visit("permission_type", m.permission_type, always());
    }
  };

  std::vector<Filter> filters;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("filters", m.filters, always());
  }
};

struct DeleteAclsResponse {
  static constexpr const Api& kApi = kDeleteAclsApi;

  struct Result {
    struct Acl {
      ErrorCode error_code = ErrorCode::kNone;
      std::optional<std::string> error_message;
      int8_t resource_type = 0;
      std::string resource_name;
      int8_t pattern_type = 3;
      std::string principal;
      std::string host;
      int8_t operation = 0;
      int8_t permission_type = 0;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("error_code", m.error_code, always());
        visit("error_message", m.error_message, always());
        visit("resource_type", m.resource_type, always());
        visit("resource_name", m.resource_name, always());
        visit("pattern_type", m.pattern_type, always());
        visit("principal", m.principal, always());
        visit("host", m.host, always());
        visit("operation", m.operation, always());
        visit("permission_type", m.permission_type, always());
      }
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<Acl> matching_acls;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("matching_acls", m.matching_acls, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> filter_results;  ///< in the order of the filters

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("filter_results", m.filter_results, always());
  }
};

}  // namespace ticklake::kafka
