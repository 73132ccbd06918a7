#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kOffsetFetchApi{ApiKey::kOffsetFetch, "OffsetFetch", 1, 9, 6};

struct OffsetFetchResponse;

/// Up to version 7 one group, in the message itself; from version 8 on any number, in groups.
struct OffsetFetchRequest {
  static constexpr const Api& kApi = kOffsetFetchApi;
  using Response = OffsetFetchResponse;

  struct Topic {
    std::string name;
    std::vector<int32_t> partition_indexes;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partition_indexes", m.partition_indexes, always());
    }
  };
  struct Group {
    std::string group_id;
    std::optional<std::string> member_id;
    int32_t member_epoch = -1;
    std::optional<std::vector<Topic>> topics;  ///< null asks for all

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("group_id", m.group_id, always());
      visit("member_id", m.member_id, since(9));
      visit("member_epoch", m.member_epoch, since(9));
      visit("topics", m.topics, always());
    }
  };

  std::string group_id;
  std::optional<std::vector<Topic>> topics;  ///< null (from version 2) asks for all
  std::vector<Group> groups;
  bool require_stable = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, until(7));
    visit("topics", m.topics, until(7).nullable(2));
    visit("groups", m.groups, since(8));
    visit("require_stable", m.require_stable, since(7));
  }
};

struct OffsetFetchResponse {
  static constexpr const Api& kApi = kOffsetFetchApi;

  struct Partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;  ///< -1 if there is none
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata;
    ErrorCode error_code = ErrorCode::kNone;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("partition_index", m.partition_index, always());
      visit("committed_offset", m.committed_offset, always());
      visit("committed_leader_epoch", m.committed_leader_epoch, since(5));
      visit("metadata", m.metadata, always());
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
  struct Group {
    std::string group_id;
    std::vector<Topic> topics;
    ErrorCode error_code = ErrorCode::kNone;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("group_id", m.group_id, always());
      visit("topics", m.topics, always());
      visit("error_code", m.error_code, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;
  ErrorCode error_code = ErrorCode::kNone;
  std::vector<Group> groups;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, since(3));
    visit("topics", m.topics, until(7));
    visit("error_code", m.error_code, between(2, 7));
    visit("groups", m.groups, since(8));
  }
};

}  // namespace ticklake::kafka
