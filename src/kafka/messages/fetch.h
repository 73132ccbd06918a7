#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kFetchApi{ApiKey::kFetch, "Fetch", 4, 16, 12};

struct FetchResponse;

struct FetchRequest {
  static constexpr const Api& kApi = kFetchApi;
  using Response = FetchResponse;

  struct Partition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int64_t fetch_offset = 0;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    int32_t partition_max_bytes = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition", m.partition, always());
      visit("current_leader_epoch", m.current_leader_epoch, since(9));
      visit("fetch_offset", m.fetch_offset, always());
      visit("last_fetched_epoch", m.last_fetched_epoch, since(12));
      visit("log_start_offset", m.log_start_offset, since(5));
      visit("partition_max_bytes", m.partition_max_bytes, always());
    }
  };
  struct Topic {
    std::string topic;  ///< up to version 12
    std::vector<Partition> partitions;
    base::Uuid topic_id = {};  ///< from version 13 (KIP-516)

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic", m.topic, until(12));
      visit("topic_id", m.topic_id, since(13));
      visit("partitions", m.partitions, always());
    }
  };
  struct ForgottenTopic {
    std::string topic;  ///< up to version 12
    std::vector<int32_t> partitions;
    base::Uuid topic_id = {};  ///< from version 13

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic", m.topic, until(12));
      visit("topic_id", m.topic_id, since(13));
      visit("partitions", m.partitions, always());
    }
  };

  struct ReplicaState {
    int32_t replica_id = -1;
    int64_t replica_epoch = -1;

    bool operator==(const ReplicaState&) const = default;
    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("replica_id", m.replica_id, always());
      visit("replica_epoch", m.replica_epoch, always());
    }
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;     ///< up to version 14
  ReplicaState replica_state;  ///< from version 15 (KIP-903)
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = 0x7fffffff;
  int8_t isolation_level = 0;  ///< 0: read_uncommitted, 1: read_committed
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<Topic> topics;
  std::vector<ForgottenTopic> forgotten_topics_data;
  std::string rack_id;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("cluster_id", m.cluster_id, tagged(0, 12));
    visit("replica_state", m.replica_state, tagged(1, 15));
    visit("replica_id", m.replica_id, until(14));
    visit("max_wait_ms", m.max_wait_ms, always());
    visit("min_bytes", m.min_bytes, always());
    visit("max_bytes", m.max_bytes, always());
    visit("isolation_level", m.isolation_level, always());
    visit("session_id", m.session_id, since(7));
    visit("session_epoch", m.session_epoch, since(7));
    visit("topics", m.topics, always());
    visit("forgotten_topics_data", m.forgotten_topics_data, since(7));
    visit("rack_id", m.rack_id, since(11));
  }
};

struct FetchResponse {
  static constexpr const Api& kApi = kFetchApi;

  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("producer_id", m.producer_id, always());
      visit("first_offset", m.first_offset, always());
    }
  };
  struct EpochEndOffset {
    int32_t epoch = -1;
    int64_t end_offset = -1;

    bool operator==(const EpochEndOffset&) const = default;
    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("epoch", m.epoch, always());
      visit("end_offset", m.end_offset, always());
    }
  };
  struct LeaderIdAndEpoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;

    bool operator==(const LeaderIdAndEpoch&) const = default;
    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("leader_id", m.leader_id, always());
      visit("leader_epoch", m.leader_epoch, always());
    }
  };
  struct SnapshotId {
    int64_t end_offset = -1;
    int32_t epoch = -1;

    bool operator==(const SnapshotId&) const = default;
    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("end_offset", m.end_offset, always());
      visit("epoch", m.epoch, always());
    }
  };
  struct Partition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::kNone;
    int64_t high_watermark = 0;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch;
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    /// Null is what a read_uncommitted fetch gets.
    std::optional<std::vector<AbortedTransaction>> aborted_transactions;
    int32_t preferred_read_replica = -1;
    RecordsChain records;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("error_code", m.error_code, always());
      visit("high_watermark", m.high_watermark, always());
      visit("last_stable_offset", m.last_stable_offset, always());
      visit("log_start_offset", m.log_start_offset, since(5));
      visit("diverging_epoch", m.diverging_epoch, tagged(0, 12));
      visit("current_leader", m.current_leader, tagged(1, 12));
      visit("snapshot_id", m.snapshot_id, tagged(2, 12));
      visit("aborted_transactions", m.aborted_transactions, always());
      visit("preferred_read_replica", m.preferred_read_replica, since(11));
      visit("records", m.records, always());
    }
  };
  struct Topic {
    std::string topic;  ///< up to version 12
    std::vector<Partition> partitions;
    base::Uuid topic_id = {};  ///< from version 13

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic", m.topic, until(12));
      visit("topic_id", m.topic_id, since(13));
      visit("partitions", m.partitions, always());
    }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    bool operator==(const NodeEndpoint&) const = default;
    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("node_id", m.node_id, always());
      visit("host", m.host, always());
      visit("port", m.port, always());
      visit("rack", m.rack, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  int32_t session_id = 0;
  std::vector<Topic> responses;
  std::vector<NodeEndpoint> node_endpoints;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, since(7));
    visit("session_id", m.session_id, since(7));
    visit("responses", m.responses, always());
    visit("node_endpoints", m.node_endpoints, tagged(0, 16));
  }
};

}  // namespace ticklake::kafka
