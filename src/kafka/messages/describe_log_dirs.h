#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDescribeLogDirsApi{ApiKey::kDescribeLogDirs, "DescribeLogDirs", 1, 4, 2};

struct DescribeLogDirsResponse;

struct DescribeLogDirsRequest {
  static constexpr const Api& kApi = kDescribeLogDirsApi;
  using Response = DescribeLogDirsResponse;

  struct Topic {
    std::string topic;
    std::vector<int32_t> partitions;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("topic", m.topic, always());
      visit("partitions", m.partitions, always());
    }
  };

  std::optional<std::vector<Topic>> topics;  ///< null: all

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("topics", m.topics, always());
  }
};

struct DescribeLogDirsResponse {
  static constexpr const Api& kApi = kDescribeLogDirsApi;

  struct LogDir {
    struct Topic {
      struct Partition {
        int32_t partition_index = 0;
        int64_t partition_size = 0;
        int64_t offset_lag = 0;
        bool is_future_key = false;

        template <typename Visitor, typename Self>
        static void describe(Visitor& visit, Self& m) {
          visit("partition_index", m.partition_index, always());
          visit("partition_size", m.partition_size, always());
          visit("offset_lag", m.offset_lag, always());
          visit("is_future_key", m.is_future_key, always());
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
    std::string log_dir;
    std::vector<Topic> topics;
    int64_t total_bytes = -1;
    int64_t usable_bytes = -1;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("error_code", m.error_code, always());
      visit("log_dir", m.log_dir, always());
      visit("topics", m.topics, always());
      visit("total_bytes", m.total_bytes, since(4));
      visit("usable_bytes", m.usable_bytes, since(4));
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::vector<LogDir> results;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, since(3));
    visit("results", m.results, always());
  }
};

}  // namespace ticklake::kafka
