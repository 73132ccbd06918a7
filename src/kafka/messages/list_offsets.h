#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kListOffsetsApi{ApiKey::kListOffsets, "ListOffsets", 1, 7, 6};

struct ListOffsetsResponse;

struct ListOffsetsRequest {
  static constexpr const Api& kApi = kListOffsetsApi;
  using Response = ListOffsetsResponse;

  /// Timestamps that stand for a place.
  static constexpr int64_t kLatest = -1;
  static constexpr int64_t kEarliest = -2;
  static constexpr int64_t kMaxTimestamp = -3;  ///< from version 7

  struct Partition {
    int32_t partition_index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp = 0;  ///< milliseconds, or one of the above

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("current_leader_epoch", m.current_leader_epoch, since(4));
      visit("timestamp", m.timestamp, always());
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partitions", m.partitions, always());
    }
  };

  int32_t replica_id = -1;
  int8_t isolation_level = 0;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("replica_id", m.replica_id, always());
    visit("isolation_level", m.isolation_level, since(2));
    visit("topics", m.topics, always());
  }
};

struct ListOffsetsResponse {
  static constexpr const Api& kApi = kListOffsetsApi;

  struct Partition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::kNone;
    int64_t timestamp = -1;
    int64_t offset = -1;
    int32_t leader_epoch = -1;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("error_code", m.error_code, always());
      visit("timestamp", m.timestamp, always());
      visit("offset", m.offset, always());
      visit("leader_epoch", m.leader_epoch, since(4));
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partitions", m.partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(2));
    visit("topics", m.topics, always());
  }
};

}  // namespace ticklake::kafka
