#include "feed/trade_simulator.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/assert.h"

namespace ticklake::feed {
namespace {

constexpr double kBranching = 0.87;
/// Children that follow at once (other venues, the same sweep), and how soon.
constexpr double kFastShare = 0.45;
constexpr double kFastDelaySeconds = 0.0002;
/// The others, in mean gaps of their symbol.
constexpr double kSlowDelayGaps = 0.7;
constexpr double kFlipChance = 0.42;
constexpr double kStepChanceAt100Dollars = 0.03;
constexpr double kStepChanceMin = 0.01, kStepChanceMax = 0.05, kStepChanceEver = 0.25;
constexpr double kVolatilitySigma = 0.55;
constexpr double kVolatilityMemory = 0.97;
constexpr double kVolatilitySeconds = 15;
/// How hard the price is drawn back to where it began, so that it neither vanishes nor explodes.
constexpr double kPull = 2.0;
constexpr int64_t kBidTicksMin = 100;
constexpr double kHundredShare = 0.60, kOddShare = 0.22;
constexpr double kSizeTail = 1.5;
constexpr double kSizeMax = 2'000'000;
constexpr uint64_t kOddLotMax = 99;
/// A letter for each venue of the tape, as often as it trades.
constexpr std::string_view kVenues =
    "QQQQQQQQQQDDDDDDDDDDDDDNNNNNNNPPPPPPPZZZZZVVVVKKKKUUJYYBXAMHCLI";

/// U-shaped over the day (0 to 1): high at the open, lowest after noon, high at the close.
double day_shape(double phase) {
  return 0.55 + 1.9 * std::exp(-phase / 0.09) + 1.7 * std::exp((phase - 1) / 0.08);
}

}  // namespace

TradeSimulator::TradeSimulator(SimulatorOptions options)
    : options_(std::move(options)),
      // A run that goes on from a later seq must not repeat the random numbers of the first.
      random_(options_.seed ^ (options_.next_seq * 0x9e3779b97f4a7c15u)),
      day_seconds_(std::chrono::duration<double>(options_.day).count()) {
  TICKLAKE_ASSERT(!options_.instruments.empty());
  const std::vector<double> shares = activity_shares(options_.instruments.size());
  build_alias_table(shares);
  constexpr int kDaySteps = 10'000;
  double sum = 0;
  for (int i = 0; i < kDaySteps; ++i)
    sum += day_shape((i + 0.5) / kDaySteps);
  day_factor_mean_ = sum / kDaySteps;
  for (size_t i = 0; i < options_.instruments.size(); ++i) {
    const Instrument& instrument = options_.instruments[i];
    Book book;
    book.symbol = instrument.symbol;
    book.bid = std::max(kBidTicksMin, instrument.price.units() / market::Price::kUnitsPerCent);
    book.anchor = book.bid;
    book.step_chance = std::clamp(kStepChanceAt100Dollars * static_cast<double>(book.bid) / 10'000,
                                  kStepChanceMin, kStepChanceMax);
    book.log_volatility = kVolatilitySigma * random_.normal();
    book.mean_gap = 1 / (shares[i] * options_.trades_per_second);
    books_.push_back(book);
  }
  trade_.seq = options_.next_seq - 1;
  advance_first_trade();
}

/// Walker's alias method: any distribution in constant time.
void TradeSimulator::build_alias_table(const std::vector<double>& shares) {
  const size_t count = shares.size();
  alias_chance_.assign(count, 1.0);
  alias_.assign(count, 0);
  std::vector<double> scaled(count);
  std::vector<uint32_t> small;
  std::vector<uint32_t> large;
  for (size_t i = 0; i < count; ++i) {
    scaled[i] = shares[i] * static_cast<double>(count);
    (scaled[i] < 1 ? small : large).push_back(static_cast<uint32_t>(i));
  }
  while (!small.empty() && !large.empty()) {
    const uint32_t less = small.back();
    const uint32_t more = large.back();
    small.pop_back();
    alias_chance_[less] = scaled[less];
    alias_[less] = more;
    scaled[more] -= 1 - scaled[less];
    if (scaled[more] < 1) {
      large.pop_back();
      small.push_back(more);
    }
  }
}

uint32_t TradeSimulator::draw_instrument() {
  const double at = random_.uniform() * static_cast<double>(alias_.size());
  const auto column = static_cast<uint32_t>(at);
  return at - column < alias_chance_[column] ? column : alias_[column];
}

double TradeSimulator::day_factor(double time) const {
  const double days = time / day_seconds_ + options_.day_start;
  return day_shape(days - std::floor(days)) / day_factor_mean_;
}

void TradeSimulator::advance_first_trade() {
  const double rate = options_.trades_per_second * (1 - kBranching) * day_factor(first_trade_time_);
  first_trade_time_ += random_.exponential() / rate;
}

void TradeSimulator::add_children(const Event& parent) {
  // Poisson by exponential gaps: at most a few turns.
  for (double sum = random_.exponential(); sum < kBranching; sum += random_.exponential()) {
    const bool fast = random_.uniform() < kFastShare;
    const double gap = books_[parent.instrument].mean_gap;
    const double mean = fast ? std::min(kFastDelaySeconds, gap / 10) : kSlowDelayGaps * gap;
    children_.push({parent.time + mean * random_.exponential(), parent.instrument});
  }
}

void TradeSimulator::move(Book& book, double time) {
  if (time >= book.volatility_until) {
    book.volatility_until = time + kVolatilitySeconds;
    book.log_volatility =
        kVolatilityMemory * book.log_volatility +
        kVolatilitySigma * std::sqrt(1 - kVolatilityMemory * kVolatilityMemory) * random_.normal();
    book.volatility = std::exp(book.log_volatility - kVolatilitySigma * kVolatilitySigma / 2);
  }
  // One draw decides on the flip, another on the step and its direction.
  if (random_.uniform() < kFlipChance) book.side ^= 1;
  const double chance = std::min(book.step_chance * book.volatility, kStepChanceEver);
  const double draw = random_.uniform();
  if (draw >= chance) return;
  const double away =
      static_cast<double>(book.bid - book.anchor) / static_cast<double>(book.anchor);
  const double up_chance = std::clamp(0.5 - kPull * away, 0.05, 0.95);
  book.bid += draw < chance * up_chance ? 1 : -1;
  book.bid = std::max(book.bid, kBidTicksMin);
}

int64_t TradeSimulator::draw_size() {
  const double draw = random_.uniform();
  if (draw < kHundredShare) return 100;
  if (draw < kHundredShare + kOddShare) return static_cast<int64_t>(1 + random_.below(kOddLotMax));
  const double lots = std::pow(1 - random_.uniform(), -1 / kSizeTail);
  return static_cast<int64_t>(std::min(lots * 100, kSizeMax) / 100) * 100 + 100;
}

const market::Trade& TradeSimulator::next() {
  Event event{};
  if (!children_.empty() && children_.top().time <= first_trade_time_) {
    event = children_.top();
    children_.pop();
  } else {
    event = {first_trade_time_, draw_instrument()};
    advance_first_trade();
  }
  add_children(event);
  Book& book = books_[event.instrument];
  move(book, event.time);
  trade_.symbol = book.symbol;
  trade_.price = market::Price::of_cents(book.bid + book.side);
  trade_.size = draw_size();
  trade_.venue = kVenues[random_.below(kVenues.size())];
  ++trade_.seq;
  trade_.event_time =
      options_.start + std::chrono::nanoseconds(static_cast<int64_t>(event.time * 1e9));
  return trade_;
}

}  // namespace ticklake::feed
