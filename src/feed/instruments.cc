#include "feed/instruments.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>

#include "base/random.h"

namespace ticklake::feed {
namespace {

struct Known {
  const char* ticker;
  int64_t cents;
};
constexpr Known kKnown[] = {
    {"SPX", 287456},  {"AAPL", 28280}, {"MSFT", 17860}, {"NVDA", 29232}, {"AMZN", 23750},
    {"TSLA", 15080},  {"SPY", 28664},  {"QQQ", 21525},  {"AMD", 5664},   {"META", 17924},
    {"GOOGL", 12797}, {"NFLX", 42296}, {"BAC", 2321},   {"F", 509},      {"GE", 683},
    {"INTC", 6046},   {"JPM", 9518},   {"DIS", 10662},  {"BA", 15400},   {"WMT", 13212},
    {"XOM", 4307},    {"T", 3117},     {"PFE", 3667},   {"KO", 4873},    {"CSCO", 4254},
    {"ORCL", 5466},   {"CRM", 15429},  {"V", 17130},    {"MA", 25834},   {"JNJ", 15219},
    {"PG", 12462},    {"HD", 20720},   {"UNH", 29200},  {"CVX", 8715},   {"C", 4545},
    {"WFC", 2815},    {"GS", 18440},   {"MS", 3899},    {"IBM", 12003},  {"QCOM", 7600},
    {"MU", 4672},     {"UBER", 2810},  {"SBUX", 7650},  {"NKE", 8918},   {"MCD", 18623},
    {"PEP", 13817},   {"ABT", 9600},   {"MRK", 8290},   {"VZ", 5852},    {"CAT", 11601},
};

constexpr size_t kGeneratedLetters = 4;

}  // namespace

std::vector<Instrument> default_instruments(size_t count) {
  std::vector<Instrument> instruments;
  std::set<std::string> taken;
  for (const Known& known : kKnown) {
    if (instruments.size() == count) break;
    taken.insert(known.ticker);
    instruments.push_back(
        {*market::Symbol::parse(known.ticker), market::Price::of_cents(known.cents)});
  }
  base::Random random(instruments.size());  // fixed: the same names in every run
  while (instruments.size() < count) {
    std::string ticker;
    for (size_t i = 0; i < kGeneratedLetters; ++i)
      ticker += static_cast<char>('A' + random.below(26));
    if (!taken.insert(ticker).second) continue;
    const double dollars = std::clamp(std::exp(3.5 + 0.9 * random.normal()), 3.0, 900.0);
    instruments.push_back({*market::Symbol::parse(ticker),
                           market::Price::of_cents(static_cast<int64_t>(dollars * 100))});
  }
  return instruments;
}

std::vector<double> activity_shares(size_t count) {
  constexpr double kHeadSlope = 0.63, kMiddleSlope = 0.85, kTailSlope = 1.8;
  constexpr double kHeadRanks = 100, kMiddleRanks = 1000;
  std::vector<double> shares(count);
  double total = 0;
  for (size_t i = 0; i < count; ++i) {
    const double rank = static_cast<double>(i + 1);
    double share = std::pow(std::min(rank, kHeadRanks), -kHeadSlope);
    if (rank > kHeadRanks)
      share *= std::pow(std::min(rank, kMiddleRanks) / kHeadRanks, -kMiddleSlope);
    if (rank > kMiddleRanks) share *= std::pow(rank / kMiddleRanks, -kTailSlope);
    total += shares[i] = share;
  }
  for (double& share : shares)
    share /= total;
  return shares;
}

}  // namespace ticklake::feed
