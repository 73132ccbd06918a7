#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "broker/coordinator_log.h"
#include "broker/log/end_marker.h"
#include "broker/txn/transaction.h"

namespace ticklake::broker {

/// Writes the end of a transaction into the partitions that took part in it: the transaction
/// coordinator's way to the logs. One thread, that of the broker's loop.
class MarkerWriter {
 public:
  /// `left`: the partitions that have no durable marker yet, because of an error that may pass.
  using Written = std::function<void(std::vector<TopicPartition> left)>;

  virtual ~MarkerWriter() = default;

  /// Appends a marker to each partition; a partition that is gone, or that knows of a newer
  /// producer, needs none. `done` is called once, when all that can be are durable; it may be
  /// called before write() returns.
  virtual void write(ProducerIdAndEpoch producer, const EndMarker& marker,
                     const std::vector<TopicPartition>& partitions, Written done) = 0;
};

}  // namespace ticklake::broker
