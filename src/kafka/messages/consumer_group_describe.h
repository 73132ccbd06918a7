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

inline constexpr Api kConsumerGroupDescribeApi{ApiKey::kConsumerGroupDescribe,
                                               "ConsumerGroupDescribe", 0, 1, 0};

struct ConsumerGroupDescribeResponse;

/// Groups of the protocol of KIP-848; DescribeGroups is for those of the classic one.
struct ConsumerGroupDescribeRequest {
  static constexpr const Api& kApi = kConsumerGroupDescribeApi;
  using Response = ConsumerGroupDescribeResponse;

  std::vector<std::string> group_ids;
  bool include_authorized_operations = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_ids", m.group_ids, always());
    visit("include_authorized_operations", m.include_authorized_operations, always());
  }
};

struct ConsumerGroupDescribeResponse {
  static constexpr const Api& kApi = kConsumerGroupDescribeApi;

  struct TopicPartitions {
    base::Uuid topic_id;
    std::string topic_name;
    std::vector<int32_t> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic_id", m.topic_id, always());
      visit("topic_name", m.topic_name, always());
      visit("partitions", m.partitions, always());
    }
  };
  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic_partitions", m.topic_partitions, always());
    }
  };
  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    int32_t member_epoch = 0;
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex;
    Assignment assignment;         ///< what it may read now
    Assignment target_assignment;  ///< what it is to read
    int8_t member_type = -1;       ///< KIP-1099: 0 classic, 1 consumer, -1 not known

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("member_id", m.member_id, always());
      visit("instance_id", m.instance_id, always());
      visit("rack_id", m.rack_id, always());
      visit("member_epoch", m.member_epoch, always());
      visit("client_id", m.client_id, always());
      visit("client_host", m.client_host, always());
      visit("subscribed_topic_names", m.subscribed_topic_names, always());
      visit("subscribed_topic_regex", m.subscribed_topic_regex, always());
      visit("assignment", m.assignment, always());
      visit("target_assignment", m.target_assignment, always());
      visit("member_type", m.member_type, since(1));
    }
  };
  struct Group {
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    int32_t group_epoch = 0;
    int32_t assignment_epoch = 0;
    std::string assignor_name;
    std::vector<Member> members;
    int32_t authorized_operations = kNoAuthorizedOperations;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("group_id", m.group_id, always());
      visit("group_state", m.group_state, always());
      visit("group_epoch", m.group_epoch, always());
      visit("assignment_epoch", m.assignment_epoch, always());
      visit("assignor_name", m.assignor_name, always());
      visit("members", m.members, always());
      visit("authorized_operations", m.authorized_operations, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("groups", m.groups, always());
  }
};

}  // namespace ticklake::kafka
