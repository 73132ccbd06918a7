#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kAlterClientQuotasApi{ApiKey::kAlterClientQuotas, "AlterClientQuotas", 0, 1,
                                           1};

struct AlterClientQuotasResponse;

struct AlterClientQuotasRequest {
  static constexpr const Api& kApi = kAlterClientQuotasApi;
  using Response = AlterClientQuotasResponse;

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

    struct Op {
      std::string key;
      double value = 0;
      bool remove = false;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("key", m.key, always());
        visit("value", m.value, always());
        visit("remove", m.remove, always());
      }
    };

    std::vector<Entity> entity;
    std::vector<Op> ops;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("entity", m.entity, always());
      visit("ops", m.ops, always());
    }
  };

  std::vector<Entry> entries;
  bool validate_only = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("entries", m.entries, always());
    visit("validate_only", m.validate_only, always());
  }
};

struct AlterClientQuotasResponse {
  static constexpr const Api& kApi = kAlterClientQuotasApi;

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

    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<Entity> entity;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("entity", m.entity, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Entry> entries;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("entries", m.entries, always());
  }
};

}  // namespace ticklake::kafka
