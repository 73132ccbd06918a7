#pragma once

#include "broker/broker.h"
#include "broker/gathered_answer.h"
#include "broker/txn/marker_writer.h"

namespace ticklake::broker {

/// Writes markers into the broker's own partitions, and tells the group coordinator when one in its
/// topic is durable.
class PartitionMarkers final : public MarkerWriter {
 public:
  PartitionMarkers(const base::Clock& clock, base::Logger& logger)
      : clock_(clock), logger_(logger) {}

  /// Before the first write.
  void attach(Broker& broker) { broker_ = &broker; }

  void write(ProducerIdAndEpoch producer, const EndMarker& marker,
             const std::vector<TopicPartition>& partitions, Written done) override;

 private:
  /// Of one write(): the partitions that are left without their marker.
  using Round = GatheredAnswer<std::vector<TopicPartition>>;
  void write_one(ProducerIdAndEpoch producer, const EndMarker& marker,
                 const TopicPartition& partition, const std::shared_ptr<Round>& round);

  const base::Clock& clock_;
  base::Logger& logger_;
  Broker* broker_ = nullptr;
};

}  // namespace ticklake::broker
