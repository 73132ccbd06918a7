#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "feed/poll_state.h"
#include "feed/replay.h"
#include "kafka/transactional_producer.h"

namespace ticklake::feed {

/// A poller's side of Kafka: its topic of rows, and its state in a compacted topic of its name.
class PollStore {
 public:
  /// "__ticklake.poll.NAME", which no sink takes for a table.
  static std::string state_topic_of(const std::string& name);

  /// Makes the topics, takes the name over from whoever has it, and reads where it stands.
  /// kInvalidArgument for a name that is none, kCorrupt for a state that does not read back, and
  /// the errors of Kafka.
  static base::Result<std::unique_ptr<PollStore>> start(const Target& target,
                                                        const std::string& name,
                                                        size_t remembered_max,
                                                        base::Logger& logger);

  const PollPosition& position() const { return position_; }
  const SeenRows& seen() const { return seen_; }
  /// As kafka::TransactionalProducer::commit(); kFenced names the poller.
  base::Result<void> commit(std::span<const kafka::OutgoingRecord> records,
                            const std::stop_token& stop);

 private:
  PollStore(std::string name, size_t remembered_max, base::Logger& logger)
      : name_(std::move(name)), logger_(logger), seen_(remembered_max) {}
  base::Result<void> load(const Target& target);

  std::string name_;
  base::Logger& logger_;
  bool has_waited_ = false;
  PollPosition position_;
  SeenRows seen_;
  std::unique_ptr<kafka::TransactionalProducer> producer_;
};

}  // namespace ticklake::feed
