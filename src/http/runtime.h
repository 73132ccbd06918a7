#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "http/task.h"

namespace ticklake::http {

/// What a connection needs of the machine besides its transport. The machine's is in loop.h.
class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual base::MonotonicTime now() = 0;
  /// The time of day as the field Date has it.
  virtual std::string_view date() = 0;
  virtual base::Logger& logger() = 0;
  /// Runs `work` on another thread, where it may block; the caller goes on in its own. What it
  /// throws is thrown here.
  virtual Task<void> run_beside(std::function<void()>& work) = 0;
  /// Returns early when a stop is requested, on the thread of the connection.
  virtual Task<void> sleep(std::chrono::milliseconds duration, std::stop_token stop) = 0;
};

}  // namespace ticklake::http
