#include "cli/feed_progress.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "feed/pace.h"

namespace ticklake::cli {
namespace {
constexpr std::chrono::milliseconds kTerminalInterval{200};
constexpr std::chrono::seconds kLogInterval{10};
constexpr size_t kBarCells = 24;
}  // namespace

std::string with_separators(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, 1, ',');
  return text;
}

FeedProgress::FeedProgress(std::string topic, std::optional<uint64_t> expected,
                           const base::Clock& clock, std::function<feed::FeedStats()> stats)
    : topic_(std::move(topic)),
      expected_(expected),
      clock_(clock),
      stats_(std::move(stats)),
      thread_([this](const std::stop_token& ended) { show_until(ended); }) {}

std::string FeedProgress::line(const feed::FeedStats& stats, double seconds) const {
  std::string bar;
  if (expected_ && *expected_ > 0) {
    const size_t full = std::min<size_t>(kBarCells, stats.acknowledged * kBarCells / *expected_);
    bar = fmt::format("[{}{}] ", std::string(full, '='), std::string(kBarCells - full, ' '));
  }
  const double rate = static_cast<double>(stats.acknowledged) / std::max(seconds, 0.001);
  return fmt::format("{}{} records in {}, {}/s", bar, with_separators(stats.acknowledged), topic_,
                     with_separators(static_cast<uint64_t>(rate)));
}

void FeedProgress::show_until(const std::stop_token& ended) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  const base::MonotonicTime start = clock_.monotonic_now();
  const std::chrono::nanoseconds interval = is_terminal ? kTerminalInterval : kLogInterval;
  base::MonotonicTime due = start;
  while (feed::wait_until(clock_, due += interval, ended)) {
    const std::chrono::duration<double> elapsed = clock_.monotonic_now() - start;
    const std::string text = line(stats_(), elapsed.count());
    std::fputs(is_terminal ? ("\r\x1b[K" + text).c_str() : (text + "\n").c_str(), stderr);
  }
  if (is_terminal) std::fputs("\r\x1b[K", stderr);
}

}  // namespace ticklake::cli
