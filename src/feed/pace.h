#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace ticklake::feed {

/// How fast records go out.
struct Pace {
  enum class Kind : uint8_t {
    kMax,    ///< as fast as the broker takes them
    kRate,   ///< `value` records a second
    kSpeed,  ///< by their own times, `value` times as fast
  };
  Kind kind = Kind::kMax;
  double value = 0;

  static Pace at_rate(double records_per_second) { return {Kind::kRate, records_per_second}; }
  static Pace at_speed(double factor) { return {Kind::kSpeed, factor}; }

  /// "1000/s", "60/m", "3600/h", a bare "1000" (a second) or "max".
  static base::Result<Pace> parse_rate(std::string_view text);
  /// "real", "10x", "0.5x" or "max".
  static base::Result<Pace> parse_speed(std::string_view text);
};

/// When each record is due. Time lost (a slow broker, a suspended machine) is caught up to at most
/// kCatchUpMax; what lies further back is forgiven, so that no burst follows a long stop.
class Pacer {
 public:
  static constexpr std::chrono::nanoseconds kCatchUpMax{std::chrono::seconds{1}};

  Pacer(Pace pace, base::MonotonicTime start) : pace_(pace), due_(start) {}

  /// When the next record is due, by its own time if it has one. A time before that of the record
  /// before it (the next symbol of a sorted file) starts a new stretch without a wait.
  base::MonotonicTime next_due(std::optional<base::WallTime> time, base::MonotonicTime now);

 private:
  Pace pace_;
  base::MonotonicTime due_;
  std::optional<base::WallTime> previous_;
};

/// Waits until `due` by `clock`; false as soon as `stop` is requested.
bool wait_until(const base::Clock& clock, base::MonotonicTime due, const std::stop_token& stop);

}  // namespace ticklake::feed
