#pragma once

#include <cstdint>
#include <vector>

#include "market/types.h"

namespace ticklake::feed {

/// A simulated symbol as it starts.
struct Instrument {
  market::Symbol symbol;
  market::Price price;
};

inline constexpr size_t kInstrumentsMax = 10'000;

/// `count` instruments, the most active first: SPX at the last close of the shipped data set, then
/// well-known US tickers at plausible prices, then generated four-letter ones.
std::vector<Instrument> default_instruments(size_t count);

/// What share of all trades each rank has; sums to 1. Log-log slopes as measured over 7,111 US
/// symbols: -0.63 for ranks 1 to 100, then steeper: 11% of trades in the top 10, 36% in the top
/// 100, 80% in the top 1,000.
std::vector<double> activity_shares(size_t count);

}  // namespace ticklake::feed
