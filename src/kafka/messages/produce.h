#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kProduceApi{ApiKey::kProduce, "Produce", 0, 11, 9};

struct ProduceResponse;

struct ProduceRequest {
  static constexpr const Api& kApi = kProduceApi;
  using Response = ProduceResponse;

  struct Partition {
    int32_t index = 0;
    /// Points into the request.
    std::optional<base::ByteView> records;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("index", m.index, always());
      visit("records", m.records, always());
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partition_data;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partition_data", m.partition_data, always());
    }
  };

  std::optional<std::string> transactional_id;
  /// 0: no response at all; 1: the leader has it; -1: all replicas have it (here: it is on disk).
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<Topic> topic_data;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("transactional_id", m.transactional_id, since(3));
    visit("acks", m.acks, always());
    visit("timeout_ms", m.timeout_ms, always());
    visit("topic_data", m.topic_data, always());
  }
};

struct ProduceResponse {
  static constexpr const Api& kApi = kProduceApi;

  struct RecordError {
    int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("batch_index", m.batch_index, always());
      visit("batch_index_error_message", m.batch_index_error_message, always());
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
  struct Partition {
    int32_t index = 0;
    ErrorCode error_code = ErrorCode::kNone;
    int64_t base_offset = 0;
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
    std::vector<RecordError> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("index", m.index, always());
      visit("error_code", m.error_code, always());
      visit("base_offset", m.base_offset, always());
      visit("log_append_time_ms", m.log_append_time_ms, since(2));
      visit("log_start_offset", m.log_start_offset, since(5));
      visit("record_errors", m.record_errors, since(8));
      visit("error_message", m.error_message, since(8));
      visit("current_leader", m.current_leader, tagged(0, 10));
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partition_responses;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partition_responses", m.partition_responses, always());
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

  std::vector<Topic> responses;
  int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("responses", m.responses, always());
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("node_endpoints", m.node_endpoints, tagged(0, 10));
  }
};

}  // namespace ticklake::kafka
