#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/random.h"
#include "feed/replay.h"

namespace ticklake::feed {

struct SampleOptions {
  Target target;
  RowOptions rows;
  Pace pace = Pace::at_rate(1);  ///< kSpeed is not accepted: a random row has no next one
  uint64_t seed = 1;             ///< the same seed and file give the same sequence
};

/// Sends a random row of a file, again and again, until it is stopped.
class Sample {
 public:
  /// Rows are held in memory: a file with more JSON than this is kInvalidArgument.
  static constexpr size_t kBytesMax = 512 << 20;

  static base::Result<std::unique_ptr<Sample>> start(SampleOptions options, base::FileSystem& files,
                                                     const base::Clock& clock);
  base::Result<void> run(const std::stop_token& stop);
  FeedStats stats() const;
  const RowCounts& counts() const { return counts_; }

 private:
  Sample(SampleOptions options, const base::Clock& clock)
      : options_(std::move(options)), clock_(clock), random_(options_.seed) {}
  base::Result<void> read_rows(base::FileSystem& files);

  struct Held {
    std::string json;
    std::optional<std::string> key;
  };

  SampleOptions options_;
  const base::Clock& clock_;
  base::Random random_;
  std::vector<Held> held_;
  RowCounts counts_;
  std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace ticklake::feed
