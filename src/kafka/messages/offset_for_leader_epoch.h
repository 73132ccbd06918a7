#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kOffsetForLeaderEpochApi{ApiKey::kOffsetForLeaderEpoch, "OffsetForLeaderEpoch",
                                              2, 4, 4};

struct OffsetForLeaderEpochResponse;

struct OffsetForLeaderEpochRequest {
  static constexpr const Api& kApi = kOffsetForLeaderEpochApi;
  using Response = OffsetForLeaderEpochResponse;

  struct Partition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int32_t leader_epoch = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition", m.partition, always());
      visit("current_leader_epoch", m.current_leader_epoch, always());
      visit("leader_epoch", m.leader_epoch, always());
    }
  };
  struct Topic {
    std::string topic;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic", m.topic, always());
      visit("partitions", m.partitions, always());
    }
  };

  int32_t replica_id = -2;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("replica_id", m.replica_id, since(3));
    visit("topics", m.topics, always());
  }
};

struct OffsetForLeaderEpochResponse {
  static constexpr const Api& kApi = kOffsetForLeaderEpochApi;

  struct Partition {
    ErrorCode error_code = ErrorCode::kNone;
    int32_t partition = 0;
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("partition", m.partition, always());
      visit("leader_epoch", m.leader_epoch, always());
      visit("end_offset", m.end_offset, always());
    }
  };
  struct Topic {
    std::string topic;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic", m.topic, always());
      visit("partitions", m.partitions, always());
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
