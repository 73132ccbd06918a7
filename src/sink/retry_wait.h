#pragma once

#include <algorithm>
#include <chrono>

namespace ticklake::sink {

/// The reading of all partitions waits for an answer about one, so not for long.
inline constexpr std::chrono::milliseconds kAnswerWait{2'000};
/// So many times as long as one was waited for in vain, all others are read.
inline constexpr int kReadingForEachWait = 5;

/// Until the next try, after so many failures in a row: 1, 2, 4 … 30 s.
inline std::chrono::seconds retry_wait(int failures) {
  constexpr std::chrono::seconds kRetryWaitMax{30};
  const int doublings = std::min(failures - 1, 5);
  return std::min(kRetryWaitMax, std::chrono::seconds(1 << doublings));
}

}  // namespace ticklake::sink
