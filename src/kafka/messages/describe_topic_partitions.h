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

inline constexpr Api kDescribeTopicPartitionsApi{ApiKey::kDescribeTopicPartitions,
                                                 "DescribeTopicPartitions", 0, 0, 0};

struct DescribeTopicPartitionsResponse;

struct DescribeTopicPartitionsRequest {
  static constexpr const Api& kApi = kDescribeTopicPartitionsApi;
  using Response = DescribeTopicPartitionsResponse;

  struct Topic {
    std::string name;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
    }
  };
  struct Cursor {
    std::string topic_name;
    int32_t partition_index = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic_name", m.topic_name, always());
      visit("partition_index", m.partition_index, always());
    }
  };

  std::vector<Topic> topics;
  int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor;  ///< where the last answer ended; null: from the start

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, always());
    visit("response_partition_limit", m.response_partition_limit, always());
    visit("cursor", m.cursor, always());
  }
};

struct DescribeTopicPartitionsResponse {
  static constexpr const Api& kApi = kDescribeTopicPartitionsApi;

  struct Topic {
    struct Partition {
      ErrorCode error_code = ErrorCode::kNone;
      int32_t partition_index = 0;
      int32_t leader_id = 0;
      int32_t leader_epoch = -1;
      std::vector<int32_t> replica_nodes;
      std::vector<int32_t> isr_nodes;
      std::optional<std::vector<int32_t>> eligible_leader_replicas;
      std::optional<std::vector<int32_t>> last_known_elr;
      std::vector<int32_t> offline_replicas;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("error_code", m.error_code, always());
        visit("partition_index", m.partition_index, always());
        visit("leader_id", m.leader_id, always());
        visit("leader_epoch", m.leader_epoch, always());
        visit("replica_nodes", m.replica_nodes, always());
        visit("isr_nodes", m.isr_nodes, always());
        visit("eligible_leader_replicas", m.eligible_leader_replicas, always());
        visit("last_known_elr", m.last_known_elr, always());
        visit("offline_replicas", m.offline_replicas, always());
      }
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> name;
    base::Uuid topic_id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    int32_t topic_authorized_operations = kNoAuthorizedOperations;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("name", m.name, always());
      visit("topic_id", m.topic_id, always());
      visit("is_internal", m.is_internal, always());
      visit("partitions", m.partitions, always());
      visit("topic_authorized_operations", m.topic_authorized_operations, always());
    }
  };
  struct Cursor {
    std::string topic_name;
    int32_t partition_index = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic_name", m.topic_name, always());
      visit("partition_index", m.partition_index, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;
  std::optional<Cursor> next_cursor;  ///< null: that was all

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("topics", m.topics, always());
    visit("next_cursor", m.next_cursor, always());
  }
};

}  // namespace ticklake::kafka
