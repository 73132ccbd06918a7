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

inline constexpr Api kConsumerGroupHeartbeatApi{ApiKey::kConsumerGroupHeartbeat,
                                                "ConsumerGroupHeartbeat", 0, 1, 0};

/// Partitions of one topic, as the messages of KIP-848 name them.
struct TopicIdPartitions {
  base::Uuid topic_id;
  std::vector<int32_t> partitions;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topic_id", m.topic_id, always());
    visit("partitions", m.partitions, always());
  }
};

struct ConsumerGroupHeartbeatResponse;

/// What a member of a consumer group says of itself (KIP-848). Null, or -1 for the time-out: as it
/// was said before.
struct ConsumerGroupHeartbeatRequest {
  static constexpr const Api& kApi = kConsumerGroupHeartbeatApi;
  using Response = ConsumerGroupHeartbeatResponse;

  std::string group_id;
  std::string member_id;     ///< from version 1 on made by the client
  int32_t member_epoch = 0;  ///< 0: joins, -1: leaves, -2: a static member that will be back
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex;  ///< in RE2's syntax; empty: none
  std::optional<std::string> server_assignor;
  std::optional<std::vector<TopicIdPartitions>> topic_partitions;  ///< that it owns

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, always());
    visit("member_id", m.member_id, always());
    visit("member_epoch", m.member_epoch, always());
    visit("instance_id", m.instance_id, always());
    visit("rack_id", m.rack_id, always());
    visit("rebalance_timeout_ms", m.rebalance_timeout_ms, always());
    visit("subscribed_topic_names", m.subscribed_topic_names, always());
    visit("subscribed_topic_regex", m.subscribed_topic_regex, since(1));
    visit("server_assignor", m.server_assignor, always());
    visit("topic_partitions", m.topic_partitions, always());
  }
};

struct ConsumerGroupHeartbeatResponse {
  static constexpr const Api& kApi = kConsumerGroupHeartbeatApi;

  struct Assignment {
    std::vector<TopicIdPartitions> topic_partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic_partitions", m.topic_partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::optional<std::string> member_id;
  int32_t member_epoch = 0;
  int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment;  ///< null: as it was told before

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, always());
    visit("error_message", m.error_message, always());
    visit("member_id", m.member_id, always());
    visit("member_epoch", m.member_epoch, always());
    visit("heartbeat_interval_ms", m.heartbeat_interval_ms, always());
    visit("assignment", m.assignment, always());
  }
};

}  // namespace ticklake::kafka
