#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kTxnOffsetCommitApi{ApiKey::kTxnOffsetCommit, "TxnOffsetCommit", 0, 4, 3};

struct TxnOffsetCommitResponse;

struct TxnOffsetCommitRequest {
  static constexpr const Api& kApi = kTxnOffsetCommitApi;
  using Response = TxnOffsetCommitResponse;

  struct Partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("committed_offset", m.committed_offset, always());
      visit("committed_leader_epoch", m.committed_leader_epoch, since(2));
      visit("committed_metadata", m.committed_metadata, always());
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

  std::string transactional_id;
  std::string group_id;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t generation_id = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("transactional_id", m.transactional_id, always());
    visit("group_id", m.group_id, always());
    visit("producer_id", m.producer_id, always());
    visit("producer_epoch", m.producer_epoch, always());
    visit("generation_id", m.generation_id, since(3));
    visit("member_id", m.member_id, since(3));
    visit("group_instance_id", m.group_instance_id, since(3));
    visit("topics", m.topics, always());
  }
};

struct TxnOffsetCommitResponse {
  static constexpr const Api& kApi = kTxnOffsetCommitApi;

  struct Partition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::kNone;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("error_code", m.error_code, always());
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
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("topics", m.topics, always());
  }
};

}  // namespace ticklake::kafka
