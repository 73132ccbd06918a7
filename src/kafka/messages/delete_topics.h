#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDeleteTopicsApi{ApiKey::kDeleteTopics, "DeleteTopics", 1, 6, 4};

struct DeleteTopicsResponse;

struct DeleteTopicsRequest {
  static constexpr const Api& kApi = kDeleteTopicsApi;
  using Response = DeleteTopicsResponse;

  struct Topic {
    std::optional<std::string> name;  ///< null: topic_id says which
    base::Uuid topic_id;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("topic_id", m.topic_id, always());
    }
  };

  std::vector<Topic> topics;             ///< from version 6
  std::vector<std::string> topic_names;  ///< up to version 5
  int32_t timeout_ms = 0;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, since(6));
    visit("topic_names", m.topic_names, until(5));
    visit("timeout_ms", m.timeout_ms, always());
  }
};

struct DeleteTopicsResponse {
  static constexpr const Api& kApi = kDeleteTopicsApi;

  struct Topic {
    std::optional<std::string> name;
    base::Uuid topic_id;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always().nullable(6));
      visit("topic_id", m.topic_id, since(6));
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> responses;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("responses", m.responses, always());
  }
};

}  // namespace ticklake::kafka
