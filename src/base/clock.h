#pragma once

#include <chrono>
#include <cstdint>

namespace ticklake::base {

/// Wall-clock time, UTC, in nanoseconds since 1970. Used for what people and other systems see.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;
/// Time that never steps back; used for waiting and measuring. Its zero means nothing.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// The only source of time. Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
  virtual MonotonicTime monotonic_now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override;
  MonotonicTime monotonic_now() const override;
};

/// A clock that moves only when it is told to; for tests and simulation. One thread only.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{std::chrono::seconds{1'700'000'000}})
      : wall_(start) {}
  WallTime wall_now() const override { return wall_; }
  MonotonicTime monotonic_now() const override { return monotonic_; }
  void advance(std::chrono::nanoseconds duration) {
    wall_ += duration;
    monotonic_ += duration;
  }

 private:
  WallTime wall_;
  MonotonicTime monotonic_{};
};

/// Nanoseconds, microseconds or milliseconds since 1970, as the wire formats want them.
constexpr int64_t to_unix_ns(WallTime time) { return time.time_since_epoch().count(); }
constexpr int64_t to_unix_us(WallTime time) {
  return std::chrono::floor<std::chrono::microseconds>(time).time_since_epoch().count();
}
constexpr int64_t to_unix_ms(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

}  // namespace ticklake::base
