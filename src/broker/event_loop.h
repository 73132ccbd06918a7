#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace ticklake::broker {

/// Where the broker's work runs: one thread that owns all its state, and disks beside it. The
/// machine's is in server.cc; a simulation brings one that runs on simulated time.
class EventLoop {
 public:
  using Task = std::function<void()>;
  /// Each holds one task at a time.
  enum class Timer : uint8_t { kDeadline, kTick, kCleaning };
  /// Where work may block; that of one lane runs in the order in which it was given.
  enum class Lane : uint8_t { kSync, kCleanerSync, kPasswords };

  virtual ~EventLoop() = default;
  /// Runs `task` later, on the loop. Safe from any thread.
  virtual void post(Task task) = 0;
  /// Runs `task` at that moment instead of what the timer held.
  virtual void arm(Timer timer, base::MonotonicTime moment, Task task) = 0;
  /// Runs `work` beside the loop, and `done` on it afterwards.
  virtual void run_beside(Lane lane, Task work, Task done) = 0;
};

}  // namespace ticklake::broker
