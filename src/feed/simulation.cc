#include "feed/simulation.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "kafka/admin.h"
#include "market/trade_json.h"

namespace ticklake::feed {
namespace {

constexpr double kRateAtMax = 1000;
constexpr std::chrono::milliseconds kPollInterval{100};

base::Result<void> check(const SimulationOptions& options) {
  if (options.symbols < 1 || options.symbols > kInstrumentsMax) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("cannot simulate {} symbols", options.symbols), {},
                      fmt::format("give --symbols 1 to {}", kInstrumentsMax));
  }
  if (options.pace.kind == Pace::Kind::kSpeed) {
    return base::fail(base::ErrorCode::kInvalidArgument, "a simulation has a rate, not a speed", {},
                      "give --rate 1000/s or --rate max");
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Simulation>> Simulation::start(SimulationOptions options,
                                                            const base::Clock& clock) {
  TICKLAKE_TRY(check(options));
  std::unique_ptr<Simulation> simulation(new Simulation(std::move(options), clock));
  const SimulationOptions& chosen = simulation->options_;
  std::vector<Instrument> instruments = default_instruments(chosen.symbols);
  for (const Instrument& given : chosen.prices) {
    for (Instrument& instrument : instruments) {
      if (instrument.symbol == given.symbol) instrument.price = given.price;
    }
  }
  TICKLAKE_ASSIGN(const int32_t partitions, prepare_topic(chosen.target));
  TICKLAKE_ASSIGN(simulation->first_seq_, simulation->go_on_from_tail(partitions, instruments));
  simulation->simulated_start_ = clock.wall_now();
  simulation->simulator_ = std::make_unique<TradeSimulator>(SimulatorOptions{
      .instruments = std::move(instruments),
      .trades_per_second = chosen.pace.kind == Pace::Kind::kMax ? kRateAtMax : chosen.pace.value,
      .seed = chosen.seed,
      .start = simulation->simulated_start_,
      .next_seq = simulation->first_seq_});
  TICKLAKE_ASSIGN(simulation->producer_,
                  kafka::Producer::start(producer_options(chosen.target, chosen.pace)));
  return simulation;
}

base::Result<uint64_t> Simulation::go_on_from_tail(int32_t partitions,
                                                   std::vector<Instrument>& instruments) {
  const Target& target = options_.target;
  TICKLAKE_ASSIGN(const auto admin,
                  kafka::Admin::start(target.brokers, target.connect_timeout, target.settings));
  uint64_t last_seq = 0;
  std::map<market::Symbol, market::Price> last_prices;
  for (int32_t partition = 0; partition < partitions; ++partition) {
    TICKLAKE_ASSIGN(const auto tail, admin->read_tail(target.topic, partition, kTailRecords));
    for (const kafka::TailRecord& record : tail) {
      const auto trade = market::parse_trade_json(record.value.value_or(""));
      if (!trade) continue;  // somebody else's record: seq goes on from ours
      last_seq = std::max(last_seq, trade->seq);
      if (trade->price) last_prices[trade->symbol] = *trade->price;
    }
  }
  for (Instrument& instrument : instruments) {
    const auto found = last_prices.find(instrument.symbol);
    if (found != last_prices.end()) instrument.price = found->second;
  }
  return last_seq + 1;
}

base::Result<void> Simulation::send_all(const std::stop_token& stop) {
  const bool is_paced = options_.pace.kind == Pace::Kind::kRate;
  // By the simulated times, whose mean rate is the one asked for.
  Pacer pacer(is_paced ? Pace::at_speed(1) : Pace{}, clock_.monotonic_now());
  pacer.next_due(simulated_start_, clock_.monotonic_now());
  std::array<char, market::kTradeJsonBytesMax> json;
  for (uint64_t sent = 0; !options_.count || sent < *options_.count; ++sent) {
    market::Trade trade = simulator_->next();
    if (is_paced) {
      const auto due = pacer.next_due(trade.event_time, clock_.monotonic_now());
      while (due - clock_.monotonic_now() > kPollInterval) {
        producer_->poll();
        if (!wait_until(clock_, clock_.monotonic_now() + kPollInterval, stop)) break;
      }
      if (!wait_until(clock_, due, stop)) return {};
      trade.event_time = clock_.wall_now();
    } else if (stop.stop_requested()) {
      return {};
    }
    const char* const end = market::write_json(json.data(), trade);
    TICKLAKE_TRY(producer_->produce(
        {.topic = options_.target.topic,
         .key = trade.symbol.text(),
         .value = std::string_view(json.data(), static_cast<size_t>(end - json.data()))},
        stop));
  }
  finished_ = true;
  return {};
}

base::Result<void> Simulation::run(const std::stop_token& stop) {
  auto sent = send_all(stop);
  if (!sent && sent.error().code != base::ErrorCode::kInterrupted) return sent;
  return producer_->flush(options_.target.flush_timeout);
}

FeedStats Simulation::stats() const {
  const kafka::ProducerStats sent = producer_->stats();
  return {.produced = sent.queued,
          .acknowledged = sent.acknowledged,
          .skipped = 0,
          .bad_rows = 0,
          .finished = finished_};
}

}  // namespace ticklake::feed
