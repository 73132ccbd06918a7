#include "feed/trade_simulator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "market/time_text.h"
#include "market/trade_json.h"

namespace ticklake::feed {
namespace {

const base::WallTime kStart = *market::parse_rfc3339("2026-11-24T14:30:00Z");

SimulatorOptions options(size_t symbols, double rate, uint64_t seed = 7) {
  return {.instruments = default_instruments(symbols),
          .trades_per_second = rate,
          .seed = seed,
          .start = kStart};
}

struct Observed {
  std::vector<double> seconds;
  std::vector<int64_t> cents;
};

Observed observe(TradeSimulator& simulator, std::string_view symbol, size_t trades) {
  Observed seen;
  while (seen.cents.size() < trades) {
    const market::Trade& trade = simulator.next();
    if (trade.symbol.text() != symbol) continue;
    seen.seconds.push_back(std::chrono::duration<double>(trade.event_time - kStart).count());
    seen.cents.push_back(trade.price->units() / market::Price::kUnitsPerCent);
  }
  return seen;
}

TEST(TradeSimulator, the_same_seed_gives_the_same_bytes_and_another_seed_others) {
  TradeSimulator first(options(50, 1000));
  TradeSimulator second(options(50, 1000));
  TradeSimulator other(options(50, 1000, 8));
  bool differs = false;
  for (int i = 0; i < 10'000; ++i) {
    const std::string json = market::to_json(first.next());
    ASSERT_EQ(json, market::to_json(second.next()));
    differs |= json != market::to_json(other.next());
  }
  EXPECT_TRUE(differs);
}

TEST(TradeSimulator, seq_is_contiguous_and_time_never_steps_back) {
  TradeSimulator simulator(options(100, 1000));
  base::WallTime previous = kStart;
  for (uint64_t seq = 1; seq <= 20'000; ++seq) {
    const market::Trade& trade = simulator.next();
    ASSERT_EQ(trade.seq, seq);
    ASSERT_GE(trade.event_time, previous);
    previous = trade.event_time;
  }
}

TEST(TradeSimulator, arrivals_cluster_as_measured) {
  TradeSimulator simulator(options(100, 1000));
  const Observed seen = observe(simulator, "AAPL", 100'000);
  double sum = 0;
  double squares = 0;
  size_t same_millisecond = 0;
  for (size_t i = 1; i < seen.seconds.size(); ++i) {
    const double gap = seen.seconds[i] - seen.seconds[i - 1];
    sum += gap;
    squares += gap * gap;
    same_millisecond += std::floor(seen.seconds[i] * 1e3) == std::floor(seen.seconds[i - 1] * 1e3);
  }
  const double count = static_cast<double>(seen.seconds.size() - 1);
  const double mean = sum / count;
  const double variation = std::sqrt(squares / count - mean * mean) / mean;
  const double shared = static_cast<double>(same_millisecond) / count;
  RecordProperty("variation", std::to_string(variation));
  RecordProperty("same_millisecond", std::to_string(shared));
  EXPECT_GT(variation, 2.7);
  EXPECT_LT(variation, 4.5);
  EXPECT_GT(shared, 0.19);
  EXPECT_LT(shared, 0.55);
}

TEST(TradeSimulator, prices_bounce_between_bid_and_ask_as_measured) {
  TradeSimulator simulator(options(100, 1000));
  const Observed seen = observe(simulator, "AAPL", 100'000);
  std::vector<double> changes;
  for (size_t i = 1; i < seen.cents.size(); ++i)
    changes.push_back(static_cast<double>(seen.cents[i] - seen.cents[i - 1]));
  double product = 0;
  double square = 0;
  size_t unchanged = 0;
  size_t one_tick = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (i > 0) product += changes[i] * changes[i - 1];
    square += changes[i] * changes[i];
    unchanged += changes[i] == 0;
    one_tick += std::abs(changes[i]) == 1;
  }
  const double count = static_cast<double>(changes.size());
  const double correlation = product / square;
  RecordProperty("correlation", std::to_string(correlation));
  EXPECT_GT(correlation, -0.45);
  EXPECT_LT(correlation, -0.31);
  EXPECT_GT(static_cast<double>(unchanged) / count, 0.51);
  EXPECT_LT(static_cast<double>(unchanged) / count, 0.90);
  EXPECT_GT(one_tick * 10, (changes.size() - unchanged) * 9);
}

TEST(TradeSimulator, one_minute_returns_have_heavy_tails_as_measured) {
  // One busy symbol over twelve days, so that the kurtosis has samples enough.
  TradeSimulator simulator(options(1, 20));
  constexpr size_t kMinutes = 12 * 390;
  std::vector<double> returns;
  double last = 0;
  double at_start = 0;
  size_t minute = 0;
  while (minute < kMinutes) {
    const market::Trade& trade = simulator.next();
    const auto now = static_cast<size_t>((trade.event_time - kStart) / std::chrono::minutes(1));
    if (now != minute) {
      if (at_start > 0) returns.push_back(std::log(last / at_start));
      at_start = last;
      minute = now;
    }
    last = trade.price->value();
  }
  double second = 0;
  double fourth = 0;
  for (const double value : returns) {
    second += value * value;
    fourth += value * value * value * value;
  }
  const double count = static_cast<double>(returns.size());
  const double kurtosis = (fourth / count) / (second / count * second / count);
  RecordProperty("kurtosis", std::to_string(kurtosis));
  EXPECT_GT(kurtosis, 3.4);
  EXPECT_LT(kurtosis, 7.3);
}

TEST(TradeSimulator, sizes_are_mostly_a_hundred_with_a_power_tail) {
  TradeSimulator simulator(options(100, 1000));
  constexpr int kTrades = 200'000;
  int hundred = 0;
  int large = 0;
  int larger = 0;
  for (int i = 0; i < kTrades; ++i) {
    const int64_t size = *simulator.next().size;
    ASSERT_GT(size, 0);
    hundred += size == 100;
    large += size >= 1000;
    larger += size >= 8000;
  }
  EXPECT_GT(hundred, kTrades * 40 / 100);
  EXPECT_LT(hundred, kTrades * 78 / 100);
  const double exponent = std::log(static_cast<double>(large) / larger) / std::log(8.0);
  EXPECT_NEAR(exponent, 1.5, 0.2);
}

TEST(TradeSimulator, a_day_is_u_shaped_and_has_the_mean_rate) {
  SimulatorOptions day = options(100, 40);
  day.day_start = 0;
  TradeSimulator simulator(day);
  std::array<double, 13> half_hours{};
  double total = 0;
  while (true) {
    const auto at =
        static_cast<size_t>((simulator.next().event_time - kStart) / std::chrono::minutes(30));
    if (at >= half_hours.size()) break;
    ++half_hours[at];
    ++total;
  }
  EXPECT_NEAR(total / (390 * 60), 40, 40 * 0.03);
  EXPECT_GT(half_hours.front() / total, 0.09);
  EXPECT_LT(half_hours.front() / total, 0.22);
  EXPECT_GT(half_hours.back() / total, 0.13);
  EXPECT_LT(half_hours.back() / total, 0.22);
  const double quietest = *std::min_element(half_hours.begin(), half_hours.end()) / total;
  EXPECT_GT(quietest, 0.025);
  EXPECT_LT(quietest, 0.050);
}

TEST(TradeSimulator, a_short_run_has_the_rate_that_was_asked_for) {
  TradeSimulator simulator(options(100, 1000));
  size_t trades = 0;
  while (simulator.next().event_time < kStart + std::chrono::minutes(2))
    ++trades;
  EXPECT_NEAR(static_cast<double>(trades) / 120, 1000, 120);
}

TEST(Instruments, activity_over_symbols_falls_as_measured) {
  const std::vector<double> shares = activity_shares(7111);
  const auto top = [&](size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i)
      sum += shares[i];
    return sum;
  };
  EXPECT_NEAR(top(7111), 1, 1e-9);
  EXPECT_NEAR(top(10), 0.11, 0.02);
  EXPECT_NEAR(top(100), 0.36, 0.03);
  EXPECT_NEAR(top(1000), 0.80, 0.04);
}

TEST(Instruments, the_first_is_spx_and_no_name_occurs_twice) {
  const auto instruments = default_instruments(kInstrumentsMax);
  EXPECT_EQ(instruments[0].symbol.text(), "SPX");
  std::map<market::Symbol, int> seen;
  for (const Instrument& instrument : instruments)
    EXPECT_EQ(++seen[instrument.symbol], 1);
}

}  // namespace
}  // namespace ticklake::feed
