#pragma once

#include <string>

#include "kafka/consumer.h"

namespace ticklake::sink {

// How Problem::where names what does not work.

/// "trades/0": the partition is not read.
inline std::string place_of(const kafka::TopicPartition& id) {
  return id.topic + "/" + std::to_string(id.partition);
}

/// "flush of trades/0": its rows are in SQL, but do not get into files.
inline std::string flush_of(const std::string& what) { return "flush of " + what; }

}  // namespace ticklake::sink
