#include "feed/pace.h"

#include <charconv>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <string>

namespace ticklake::feed {
namespace {

using std::chrono::nanoseconds;

constexpr double kNanosecondsPerSecond = 1e9;
/// Longer than this is as good as never, and does not overflow.
constexpr double kWaitMaxNanoseconds = 1e17;

std::optional<double> take_positive(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || value <= 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

nanoseconds bounded(double duration_ns) {
  return nanoseconds(static_cast<int64_t>(std::min(duration_ns, kWaitMaxNanoseconds)));
}

}  // namespace

base::Result<Pace> Pace::parse_rate(std::string_view text) {
  if (text == "max") return Pace{};
  std::string_view rest = text;
  if (const auto value = take_positive(rest)) {
    if (rest.empty() || rest == "/s") return at_rate(*value);
    if (rest == "/m") return at_rate(*value / 60);
    if (rest == "/h") return at_rate(*value / 3600);
  }
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not a rate",
                    {}, "give records a second, minute or hour: 1000/s, 30/m, 10/h, or max");
}

base::Result<Pace> Pace::parse_speed(std::string_view text) {
  if (text == "max") return Pace{};
  if (text == "real") return at_speed(1);
  std::string_view rest = text;
  if (const auto value = take_positive(rest); value && rest == "x") return at_speed(*value);
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not a speed",
                    {}, "give real, max, or a factor such as 10x");
}

base::MonotonicTime Pacer::next_due(std::optional<base::WallTime> time, base::MonotonicTime now) {
  if (pace_.kind == Pace::Kind::kMax) return now;
  const base::MonotonicTime due = due_;
  if (pace_.kind == Pace::Kind::kRate) {
    due_ = std::max(due, now - kCatchUpMax) + bounded(kNanosecondsPerSecond / pace_.value);
    return due;
  }
  if (time) {
    if (previous_ && *time > *previous_) {
      const double gap_ns = static_cast<double>((*time - *previous_).count());
      due_ = std::max(due_, now - kCatchUpMax) + bounded(gap_ns / pace_.value);
    }
    previous_ = time;
  }
  return due_;
}

bool wait_until(const base::Clock& clock, base::MonotonicTime due, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    const nanoseconds left = due - clock.monotonic_now();
    if (left <= nanoseconds::zero()) return true;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, left, [] { return false; });
  }
  return false;
}

}  // namespace ticklake::feed
