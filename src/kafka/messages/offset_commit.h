#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kOffsetCommitApi{ApiKey::kOffsetCommit, "OffsetCommit", 2, 9, 8};

struct OffsetCommitResponse;

struct OffsetCommitRequest {
  static constexpr const Api& kApi = kOffsetCommitApi;
  using Response = OffsetCommitResponse;

  struct Partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("committed_offset", m.committed_offset, always());
      visit("committed_leader_epoch", m.committed_leader_epoch, since(6));
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

  std::string group_id;
  int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  int64_t retention_time_ms = -1;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, always());
    visit("generation_id_or_member_epoch", m.generation_id_or_member_epoch, always());
    visit("member_id", m.member_id, always());
    visit("group_instance_id", m.group_instance_id, since(7));
    visit("retention_time_ms", m.retention_time_ms, until(4));
    visit("topics", m.topics, always());
  }
};

struct OffsetCommitResponse {
  static constexpr const Api& kApi = kOffsetCommitApi;

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
    visit("throttle_time_ms", m.throttle_time_ms, since(3));
    visit("topics", m.topics, always());
  }
};

}  // namespace ticklake::kafka
