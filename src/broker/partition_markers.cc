#include "broker/partition_markers.h"

#include "base/assert.h"

namespace ticklake::broker {

using kafka::ErrorCode;

void PartitionMarkers::write(ProducerIdAndEpoch producer, const EndMarker& marker,
                             const std::vector<TopicPartition>& partitions, Written done) {
  TICKLAKE_ASSERT(broker_);
  const auto round = std::make_shared<Round>(std::move(done));
  for (const TopicPartition& partition : partitions)
    write_one(producer, marker, partition, round);
  round->settle();
}

void PartitionMarkers::write_one(ProducerIdAndEpoch producer, const EndMarker& marker,
                                 const TopicPartition& partition,
                                 const std::shared_ptr<Round>& round) {
  PartitionState* const state = broker_->find_partition(partition.first, partition.second);
  // Its topic was deleted, or no offset was ever committed.
  if (!state) return;
  const auto appended = state->log->append_marker(producer.id, producer.epoch, marker,
                                                  base::to_unix_ms(clock_.wall_now()));
  if (!appended && appended.error().code == ErrorCode::kKafkaStorageError) {
    round->answer.push_back(partition);
    return;
  }
  if (!appended) {
    logger_.warn("no marker of producer {} in {}: {}", producer.id, state->log->name(),
                 appended.error().message);
    return;
  }
  round->expect_part();
  broker_->publish_when_durable(
      *state, appended->last_offset + 1,
      [this, producer, partition, round, is_commit = marker.is_commit](ErrorCode error) {
        if (error == ErrorCode::kKafkaStorageError) round->answer.push_back(partition);
        if (error == ErrorCode::kNone && partition.first == kOffsetsTopic) {
          broker_->groups().end_transaction(producer.id, is_commit);
        }
        round->settle();
      });
}

}  // namespace ticklake::broker
