#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

struct rd_kafka_s;

namespace ticklake::kafka {

/// The ends of a partition's log.
struct Watermarks {
  int64_t begin = 0;  ///< the first offset that is still there
  int64_t end = 0;    ///< the offset that the next record gets
};

/// Asks the partition's leader, by a client of librdkafka of any kind. A retriable error if there
/// is no answer within `timeout`: the leader may be away.
base::Result<Watermarks> query_watermarks(rd_kafka_s* client, const std::string& topic,
                                          int32_t partition, std::chrono::milliseconds timeout);

}  // namespace ticklake::kafka
