#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kIncrementalAlterConfigsApi{ApiKey::kIncrementalAlterConfigs,
                                                 "IncrementalAlterConfigs", 0, 1, 1};

struct IncrementalAlterConfigsResponse;

struct IncrementalAlterConfigsRequest {
  static constexpr const Api& kApi = kIncrementalAlterConfigsApi;
  using Response = IncrementalAlterConfigsResponse;

  struct Resource {
    struct Config {
      std::string name;
      int8_t config_operation = 0;  ///< 0 set, 1 delete, 2 append, 3 subtract
      std::optional<std::string> value;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("name", m.name, always());
        visit("config_operation", m.config_operation, always());
        visit("value", m.value, always());
      }
    };

    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<Config> configs;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("resource_type", m.resource_type, always());
      visit("resource_name", m.resource_name, always());
      visit("configs", m.configs, always());
    }
  };

  std::vector<Resource> resources;
  bool validate_only = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("resources", m.resources, always());
    visit("validate_only", m.validate_only, always());
  }
};

struct IncrementalAlterConfigsResponse {
  static constexpr const Api& kApi = kIncrementalAlterConfigsApi;

  struct Resource {
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("resource_type", m.resource_type, always());
      visit("resource_name", m.resource_name, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Resource> responses;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("responses", m.responses, always());
  }
};

}  // namespace ticklake::kafka
