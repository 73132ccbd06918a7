#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/client_settings.h"

namespace ticklake::kafka {
class Producer;
}

namespace ticklake::sink {

/// Records that can be no row, on their way to `<topic>.dead-letter` with their key, value and the
/// headers ticklake.error, ticklake.topic, ticklake.partition and ticklake.offset. Each arrives at
/// least once: no boundary passes a record before its dead letter is acknowledged.
class DeadLetters {
 public:
  DeadLetters(std::string brokers, kafka::ClientSettings settings);
  DeadLetters(const DeadLetters&) = delete;
  DeadLetters& operator=(const DeadLetters&) = delete;
  ~DeadLetters();

  struct Letter {
    std::string topic;
    int32_t partition = 0;
    int64_t offset = 0;
    std::optional<std::string> key;
    std::string value;
    std::string reason;
  };

  /// From the thread that reads.
  void add(Letter letter);
  /// Sends all that was added before, and waits for the acknowledgements; from the thread that
  /// commits. What fails stays, for the next call.
  base::Result<void> deliver();
  /// Whether so much waits that reading should.
  bool is_full() const { return waiting_bytes_ >= kWaitingBytesMax; }
  bool is_empty() const { return waiting_bytes_ == 0; }
  uint64_t count() const { return count_; }

 private:
  static constexpr uint64_t kWaitingBytesMax = 64 << 20;

  base::Result<void> send(const Letter& letter);

  const std::string brokers_;
  const kafka::ClientSettings settings_;
  std::unique_ptr<kafka::Producer> producer_;
  std::mutex mutex_;  ///< guards letters_
  std::deque<Letter> letters_;
  std::atomic<uint64_t> waiting_bytes_ = 0;
  std::atomic<uint64_t> count_ = 0;
};

}  // namespace ticklake::sink
