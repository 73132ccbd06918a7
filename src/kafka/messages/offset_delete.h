#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kOffsetDeleteApi{ApiKey::kOffsetDelete, "OffsetDelete", 0, 0,
                                      std::numeric_limits<int16_t>::max()};

struct OffsetDeleteResponse;

struct OffsetDeleteRequest {
  static constexpr const Api& kApi = kOffsetDeleteApi;
  using Response = OffsetDeleteResponse;

  struct Topic {
    struct Partition {
      int32_t partition_index = 0;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("partition_index", m.partition_index, always());
      }
    };

    std::string name;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partitions", m.partitions, always());
    }
  };

  std::string group_id;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("group_id", m.group_id, always());
    visit("topics", m.topics, always());
  }
};

struct OffsetDeleteResponse {
  static constexpr const Api& kApi = kOffsetDeleteApi;

  struct Topic {
    struct Partition {
      int32_t partition_index = 0;
      ErrorCode error_code = ErrorCode::kNone;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("partition_index", m.partition_index, always());
        visit("error_code", m.error_code, always());
      }
    };

    std::string name;
    std::vector<Partition> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("partitions", m.partitions, always());
    }
  };

  ErrorCode error_code = ErrorCode::kNone;
  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("error_code", m.error_code, always());
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("topics", m.topics, always());
  }
};

}  // namespace ticklake::kafka
