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

inline constexpr Api kMetadataApi{ApiKey::kMetadata, "Metadata", 0, 12, 9};

struct MetadataResponse;

struct MetadataRequest {
  static constexpr const Api& kApi = kMetadataApi;
  using Response = MetadataResponse;

  struct Topic {
    base::Uuid topic_id;
    std::optional<std::string> name;  ///< null: look topic_id up (version 10 on)

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic_id", m.topic_id, since(10));
      visit("name", m.name, always().nullable(10));
    }
  };

  /// Null asks for all topics; in version 0 an empty list does.
  std::optional<std::vector<Topic>> topics;
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, always().nullable(1));
    visit("allow_auto_topic_creation", m.allow_auto_topic_creation, since(4));
    visit("include_cluster_authorized_operations", m.include_cluster_authorized_operations,
          between(8, 10));
    visit("include_topic_authorized_operations", m.include_topic_authorized_operations, since(8));
  }
};

struct MetadataResponse {
  static constexpr const Api& kApi = kMetadataApi;

  struct Broker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("node_id", m.node_id, always());
      visit("host", m.host, always());
      visit("port", m.port, always());
      visit("rack", m.rack, since(1));
    }
  };
  struct Partition {
    ErrorCode error_code = ErrorCode::kNone;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::vector<int32_t> offline_replicas;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("partition_index", m.partition_index, always());
      visit("leader_id", m.leader_id, always());
      visit("leader_epoch", m.leader_epoch, since(7));
      visit("replica_nodes", m.replica_nodes, always());
      visit("isr_nodes", m.isr_nodes, always());
      visit("offline_replicas", m.offline_replicas, since(5));
    }
  };
  struct Topic {
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> name;  ///< null only from version 12 on
    base::Uuid topic_id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    int32_t topic_authorized_operations = kNoAuthorizedOperations;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("name", m.name, always().nullable(12));
      visit("topic_id", m.topic_id, since(10));
      visit("is_internal", m.is_internal, since(1));
      visit("partitions", m.partitions, always());
      visit("topic_authorized_operations", m.topic_authorized_operations, since(8));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;
  std::vector<Topic> topics;
  int32_t cluster_authorized_operations = kNoAuthorizedOperations;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(3));
    visit("brokers", m.brokers, always());
    visit("cluster_id", m.cluster_id, since(2));
    visit("controller_id", m.controller_id, since(1));
    visit("topics", m.topics, always());
    visit("cluster_authorized_operations", m.cluster_authorized_operations, between(8, 10));
  }
};

}  // namespace ticklake::kafka
