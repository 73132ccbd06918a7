#pragma once

#include <functional>
#include <string>

#include "broker/broker.h"
#include "broker/coordinator_log.h"

namespace ticklake::broker {

/// A coordinator's log as a compacted topic with one partition, which is made when it is first
/// needed.
class CoordinatorTopic final : public CoordinatorLog {
 public:
  /// `post` runs a function on the event loop, later.
  CoordinatorTopic(std::string_view topic, LogFolder& logs, const base::Clock& clock,
                   base::Logger& logger, std::function<void(std::function<void()>)> post);

  /// Before the first append.
  void attach(Broker& broker) { broker_ = &broker; }

  void append(std::vector<CoordinatorRecord> records, Appended done) override;
  void append_in_transaction(ProducerIdAndEpoch producer, std::vector<CoordinatorRecord> records,
                             Appended done) override;
  base::Result<void> replay(const Visitor& visitor) override;

 private:
  base::Result<int64_t> write(const std::vector<CoordinatorRecord>& records,
                              ProducerIdAndEpoch producer);
  base::Error error_of(const LogError& error) const;

  std::string topic_;
  LogFolder& logs_;
  const base::Clock& clock_;
  base::Logger& logger_;
  std::function<void(std::function<void()>)> post_;
  Broker* broker_ = nullptr;
};

}  // namespace ticklake::broker
