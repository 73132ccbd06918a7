#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDescribeConfigsApi{ApiKey::kDescribeConfigs, "DescribeConfigs", 1, 4, 4};

struct DescribeConfigsResponse;

struct DescribeConfigsRequest {
  static constexpr const Api& kApi = kDescribeConfigsApi;
  using Response = DescribeConfigsResponse;

  struct Resource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys;  ///< null or none: all

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("resource_type", m.resource_type, always());
      visit("resource_name", m.resource_name, always());
      visit("configuration_keys", m.configuration_keys, always());
    }
  };

  std::vector<Resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("resources", m.resources, always());
    visit("include_synonyms", m.include_synonyms, always());
    visit("include_documentation", m.include_documentation, since(3));
  }
};

struct DescribeConfigsResponse {
  static constexpr const Api& kApi = kDescribeConfigsApi;

  struct Result {
    struct Config {
      struct Synonym {
        std::string name;
        std::optional<std::string> value;
        int8_t source = 0;

        template <typename Visitor, typename Self>
        static void describe(Visitor& visit, Self& m) {
          visit("name", m.name, always());
          visit("value", m.value, always());
          visit("source", m.source, always());
        }
      };

      std::string name;
      std::optional<std::string> value;
      bool read_only = false;
      int8_t config_source = -1;
      bool is_sensitive = false;
      std::vector<Synonym> synonyms;
      int8_t config_type = 0;
      std::optional<std::string> documentation;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("name", m.name, always());
        visit("value", m.value, always());
        visit("read_only", m.read_only, always());
        visit("config_source", m.config_source, always());
        visit("is_sensitive", m.is_sensitive, always());
        visit("synonyms", m.synonyms, always());
        visit("config_type", m.config_type, since(3));
        visit("documentation", m.documentation, since(3));
      }
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<Config> configs;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("resource_type", m.resource_type, always());
      visit("resource_name", m.resource_name, always());
      visit("configs", m.configs, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("results", m.results, always());
  }
};

}  // namespace ticklake::kafka
