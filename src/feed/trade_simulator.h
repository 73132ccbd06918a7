#pragma once

#include <chrono>
#include <cstdint>
#include <queue>
#include <vector>

#include "base/random.h"
#include "feed/instruments.h"
#include "market/types.h"

namespace ticklake::feed {

struct SimulatorOptions {
  std::vector<Instrument> instruments;  ///< at least one; the most active first
  double trades_per_second = 1000;      ///< on average over a day
  uint64_t seed = 1;
  base::WallTime start;
  uint64_t next_seq = 1;
  /// A trading day's length; activity is U-shaped over it, day after day without a night.
  std::chrono::nanoseconds day{std::chrono::minutes(390)};
  /// Where in the day the run begins, 0 to 1. The default is late morning, where activity is at
  /// its mean, so that a short run has the rate that was asked for.
  double day_start = 0.164;
};

/// Trades as a US consolidated tape has them, without input or output: the same options give the
/// same trades. The figures it is fitted to are checked by the tests.
///
/// Arrivals: a branching (Hawkes) process. First trades come by a Poisson process shaped by the
/// time of day; each trade has Poisson(0.87) children in the same symbol, half of them within the
/// millisecond. Prices: a bid, a spread of one tick and a side that keeps or flips (the bounce);
/// the bid steps by a tick now and then, more often while a slow random volatility is high.
/// Sizes: mostly 100, odd lots, and round lots with a tail exponent of 1.5.
class TradeSimulator {
 public:
  explicit TradeSimulator(SimulatorOptions options);

  /// The next trade by time. event_time is start plus simulated time.
  const market::Trade& next();

 private:
  struct Book {
    market::Symbol symbol;
    int64_t bid = 0;  ///< ticks
    int64_t anchor = 0;
    int side = 0;  ///< 0: trades at the bid, 1: at the ask
    double step_chance = 0;
    double log_volatility = 0;
    double volatility = 1;
    double volatility_until = 0;
    double mean_gap = 0;  ///< seconds between two trades of this symbol
  };
  struct Event {
    double time;  ///< seconds since start
    uint32_t instrument;
    bool operator>(const Event& other) const { return time > other.time; }
  };

  uint32_t draw_instrument();
  double day_factor(double time) const;
  void advance_first_trade();
  void add_children(const Event& parent);
  void move(Book& book, double time);
  int64_t draw_size();
  void build_alias_table(const std::vector<double>& shares);

  SimulatorOptions options_;
  base::Random random_;
  std::vector<Book> books_;
  std::vector<double> alias_chance_;
  std::vector<uint32_t> alias_;
  double day_seconds_;
  double day_factor_mean_ = 1;
  double first_trade_time_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> children_;
  market::Trade trade_;
};

}  // namespace ticklake::feed
