#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDeleteRecordsApi{ApiKey::kDeleteRecords, "DeleteRecords", 0, 2, 2};

struct DeleteRecordsResponse;

struct DeleteRecordsRequest {
  static constexpr const Api& kApi = kDeleteRecordsApi;
  using Response = DeleteRecordsResponse;

  struct Topic {
    struct Partition {
      int32_t partition_index = 0;
      int64_t offset = 0;  ///< -1: the high watermark

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("partition_index", m.partition_index, always());
        visit("offset", m.offset, always());
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

  std::vector<Topic> topics;
  int32_t timeout_ms = 0;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, always());
    visit("timeout_ms", m.timeout_ms, always());
  }
};

struct DeleteRecordsResponse {
  static constexpr const Api& kApi = kDeleteRecordsApi;

  struct Topic {
    struct Partition {
      int32_t partition_index = 0;
      int64_t low_watermark = -1;
      ErrorCode error_code = ErrorCode::kNone;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("partition_index", m.partition_index, always());
        visit("low_watermark", m.low_watermark, always());
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

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("topics", m.topics, always());
  }
};

}  // namespace ticklake::kafka
