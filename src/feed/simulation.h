#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "feed/replay.h"
#include "feed/trade_simulator.h"

namespace ticklake::feed {

struct SimulationOptions {
  Target target = {.topic = "trades"};
  Pace pace = Pace::at_rate(1000);  ///< kRate or kMax
  size_t symbols = 100;
  uint64_t seed = 1;
  std::optional<uint64_t> count = {};  ///< stops after so many trades
  /// Start prices that replace the defaults, for example the last close of a data set.
  std::vector<Instrument> prices = {};
};

/// Sends simulated trades. At a rate, trades leave when their simulated time comes, and
/// event_time is the wall clock at that moment; at --rate max it is simulated time, at 1,000
/// trades a simulated second.
///
/// It goes on where the topic ends: the first seq is the last one there plus one, and prices go on
/// from the last ones found in the last kTailRecords. In a topic of one partition seq is therefore
/// contiguous over any number of crashes; with more partitions a crash can leave gaps.
class Simulation {
 public:
  static constexpr int64_t kTailRecords = 5000;

  static base::Result<std::unique_ptr<Simulation>> start(SimulationOptions options,
                                                         const base::Clock& clock);
  /// Until `stop`, or the count; then waits for the acknowledgements.
  base::Result<void> run(const std::stop_token& stop);
  FeedStats stats() const;
  /// The seq of the first trade that this run sends.
  uint64_t first_seq() const { return first_seq_; }

 private:
  Simulation(SimulationOptions options, const base::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}
  /// The seq that comes next; `instruments` take on the last prices found.
  base::Result<uint64_t> go_on_from_tail(int32_t partitions, std::vector<Instrument>& instruments);
  base::Result<void> send_all(const std::stop_token& stop);

  SimulationOptions options_;
  const base::Clock& clock_;
  std::unique_ptr<TradeSimulator> simulator_;
  std::unique_ptr<kafka::Producer> producer_;
  uint64_t first_seq_ = 1;
  base::WallTime simulated_start_;
  std::atomic<bool> finished_ = false;
};

}  // namespace ticklake::feed
