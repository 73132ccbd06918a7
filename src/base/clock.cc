#include "base/clock.h"

namespace ticklake::base {

WallTime SystemClock::wall_now() const { return std::chrono::system_clock::now(); }

MonotonicTime SystemClock::monotonic_now() const { return std::chrono::steady_clock::now(); }

}  // namespace ticklake::base
