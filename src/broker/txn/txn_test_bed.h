#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/memory_coordinator_log.h"
#include "broker/txn/txn_coordinator.h"

namespace ticklake::broker {

/// Partitions whose disk is as fast as the test wants: markers become durable when flush() is
/// called, but for those of the partitions that refuse them.
class MemoryMarkers final : public MarkerWriter {
 public:
  struct Written {
    TopicPartition partition;
    ProducerIdAndEpoch producer;
    EndMarker marker;
  };

  void write(ProducerIdAndEpoch producer, const EndMarker& marker,
             const std::vector<TopicPartition>& partitions, MarkerWriter::Written done) override;
  void flush();
  void lose_unflushed() { waiting_.clear(); }
  bool has_waiting() const { return !waiting_.empty(); }

  std::set<TopicPartition> refusing;
  std::vector<Written> durable;

 private:
  struct Waiting {
    ProducerIdAndEpoch producer;
    EndMarker marker;
    std::vector<TopicPartition> partitions;
    MarkerWriter::Written done;
  };
  std::vector<Waiting> waiting_;
};

/// A coordinator with what it needs, and short ways to say what producers say.
class TxnTestBed {
 public:
  using Answer = std::shared_ptr<std::optional<kafka::ErrorCode>>;

  TxnTestBed() { restart(); }

  /// A new coordinator on what the log kept.
  void restart();
  void advance(std::chrono::milliseconds duration);
  /// Until nothing is on the way to a disk any more.
  void flush();

  /// What InitProducerId answers; flushes. `former` is the producer that asks for a new epoch.
  kafka::InitProducerIdResponse init(ProducerIdAndEpoch former = {}, int32_t timeout_ms = 60'000,
                                     const std::string& id = "pipe");
  /// The same, as a client does it: again while there is a transaction to be completed.
  ProducerIdAndEpoch producer(ProducerIdAndEpoch former = {});
  Answer add_later(ProducerIdAndEpoch producer, const std::set<TopicPartition>& partitions);
  kafka::ErrorCode add(ProducerIdAndEpoch producer, const std::set<TopicPartition>& partitions);
  Answer end_later(ProducerIdAndEpoch producer, bool is_commit);
  kafka::ErrorCode end(ProducerIdAndEpoch producer, bool is_commit);
  kafka::ErrorCode may_write(ProducerIdAndEpoch producer, const TopicPartition& partition) const {
    return coordinator->check_partition("pipe", producer, partition);
  }
  TxnState state() const { return coordinator->find("pipe")->state; }

  base::ManualClock clock;
  MemoryCoordinatorLog log;
  MemoryMarkers markers;
  int32_t epoch = -1;  ///< of the coordinator; one more with each start
  int64_t next_producer_id = 1000;
  std::unique_ptr<TxnCoordinator> coordinator;
};

}  // namespace ticklake::broker
