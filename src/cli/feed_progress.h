#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "feed/replay.h"

namespace ticklake::cli {

/// Shows on stderr how a feed goes, from a thread of its own, until destroyed: a line that is
/// written over and over on a terminal, a summary line every 10 s elsewhere.
class FeedProgress {
 public:
  FeedProgress(std::string topic, std::optional<uint64_t> expected, const base::Clock& clock,
               std::function<feed::FeedStats()> stats);

 private:
  void show_until(const std::stop_token& ended);
  std::string line(const feed::FeedStats& stats, double seconds) const;

  std::string topic_;
  std::optional<uint64_t> expected_;
  const base::Clock& clock_;
  std::function<feed::FeedStats()> stats_;
  std::jthread thread_;
};

/// "1,234,567"
std::string with_separators(uint64_t number);

}  // namespace ticklake::cli
