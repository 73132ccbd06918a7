#pragma once

#include <functional>

#include "broker/broker.h"
#include "broker/group/offsets_log.h"

namespace ticklake::broker {

/// The groups' log as the topic `__consumer_offsets` with one partition, which is made when it is
/// first needed.
class OffsetsTopic final : public OffsetsLog {
 public:
  /// `post` runs a function on the event loop, later.
  OffsetsTopic(LogFolder& logs, const base::Clock& clock, base::Logger& logger,
               std::function<void(std::function<void()>)> post);

  /// Before the first append.
  void attach(Broker& broker) { broker_ = &broker; }

  void append(std::vector<OffsetsRecord> records, Appended done) override;
  base::Result<void> replay(const Visit& visit) override;

 private:
  base::Result<int64_t> write(const std::vector<OffsetsRecord>& records);

  LogFolder& logs_;
  const base::Clock& clock_;
  base::Logger& logger_;
  std::function<void(std::function<void()>)> post_;
  Broker* broker_ = nullptr;
};

}  // namespace ticklake::broker
