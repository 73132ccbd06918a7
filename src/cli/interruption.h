#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <thread>

namespace ticklake::cli {

inline constexpr int kExitInterrupted = 130;

/// Turns SIGINT and SIGTERM into a stop token for the life of this object. The first one says
/// `message` on stderr and requests the stop; the second ends the process at once, with
/// status 130. Made before any other thread starts, so that all of them inherit the signal mask.
class Interruption {
 public:
  explicit Interruption(const char* message = "flushing…");
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  std::stop_token token() const { return source_.get_token(); }
  bool requested() const { return source_.stop_requested(); }
  /// Asks for the stop from within, as a first signal would, silently.
  void request() { source_.request_stop(); }
  /// Blocks until a stop is requested.
  void wait() const;
  /// Blocks until a stop is requested or `duration` has passed; true if it was requested.
  bool wait_for(std::chrono::nanoseconds duration) const;

 private:
  std::stop_source source_;
  std::jthread listener_;
};

}  // namespace ticklake::cli
