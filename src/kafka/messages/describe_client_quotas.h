#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDescribeClientQuotasApi{ApiKey::kDescribeClientQuotas, "DescribeClientQuotas",
                                              0, 1, 1};

struct DescribeClientQuotasResponse;

struct DescribeClientQuotasRequest {
  static constexpr const Api& kApi = kDescribeClientQuotasApi;
  using Response = DescribeClientQuotasResponse;

  struct Component {
    std::string entity_type;
    int8_t match_type = 0;  ///< 0: that name, 1: the default, 2: any
    std::optional<std::string> match;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("entity_type", m.entity_type, always());
      visit("match_type", m.match_type, always());
      visit("match", m.match, always());
    }
  };

  std::vector<Component> components;
  bool strict = false;  ///< no entities of other types beside these

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("components", m.components, always());
    visit("strict", m.strict, always());
  }
};

struct DescribeClientQuotasResponse {
  static constexpr const Api& kApi = kDescribeClientQuotasApi;

  struct Entry {
    struct Entity {
      std::string entity_type;                 ///< "user", "client-id" or "ip"
      std::optional<std::string> entity_name;  ///< null: the default

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("entity_type", m.entity_type, always());
        visit("entity_name", m.entity_name, always());
      }
    };

    struct Value {
      std::string key;
      double value = 0;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("key", m.key, always());
        visit("value", m.value, always());
      }
    };

    std::vector<Entity> entity;
    std::vector<Value> values;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("entity", m.entity, always());
      visit("values", m.values, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::optional<std::vector<Entry>> entries;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, always());
    visit("error_message", m.error_message, always());
    visit("entries", m.entries, always());
  }
};

}  // namespace ticklake::kafka
