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

inline constexpr Api kCreateTopicsApi{ApiKey::kCreateTopics, "CreateTopics", 2, 7, 5};

struct CreateTopicsResponse;

struct CreateTopicsRequest {
  static constexpr const Api& kApi = kCreateTopicsApi;
  using Response = CreateTopicsResponse;

  struct ReplicaAssignment {
    int32_t partition_index = 0;
    std::vector<int32_t> broker_ids;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("broker_ids", m.broker_ids, always());
    }
  };
  struct Config {
    std::string name;
    std::optional<std::string> value;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("value", m.value, always());
    }
  };
  struct Topic {
    std::string name;
    int32_t num_partitions = 0;      ///< -1: the broker's default, or as assigned
    int16_t replication_factor = 0;  ///< -1: the broker's default, or as assigned
    std::vector<ReplicaAssignment> assignments;
    std::vector<Config> configs;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("num_partitions", m.num_partitions, always());
      visit("replication_factor", m.replication_factor, always());
      visit("assignments", m.assignments, always());
      visit("configs", m.configs, always());
    }
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 60000;
  bool validate_only = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, always());
    visit("timeout_ms", m.timeout_ms, always());
    visit("validate_only", m.validate_only, always());
  }
};

struct CreateTopicsResponse {
  static constexpr const Api& kApi = kCreateTopicsApi;

  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("value", m.value, always());
      visit("read_only", m.read_only, always());
      visit("config_source", m.config_source, always());
      visit("is_sensitive", m.is_sensitive, always());
    }
  };
  struct Topic {
    std::string name;
    base::Uuid topic_id;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    /// Why configs is null, if it is.
    ErrorCode topic_config_error_code = ErrorCode::kNone;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<Config>> configs;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("topic_id", m.topic_id, since(7));
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("topic_config_error_code", m.topic_config_error_code, tagged(0, 5));
      visit("num_partitions", m.num_partitions, since(5));
      visit("replication_factor", m.replication_factor, since(5));
      visit("configs", m.configs, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("topics", m.topics, always());
  }
};

}  // namespace ticklake::kafka
