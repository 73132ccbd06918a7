#include "cli/shipped_feed.h"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "lake/chain.h"
#include "lake/schema_chain.h"
#include "market/trade_json.h"

namespace ticklake::cli {
namespace {

constexpr std::chrono::seconds kRestartWait{5};

/// Beside the binary: where a build has it, and where an installation would put it.
std::optional<base::Path> find_data_set() {
  std::error_code failed;
  const base::Path binary = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return std::nullopt;
  for (const char* relative : {"../deps/data/sp500.csv", "deps/data/sp500.csv",
                               "../../deps/data/sp500.csv", "../share/ticklake/sp500.csv"}) {
    const base::Path path = (binary.parent_path() / relative).lexically_normal();
    if (std::filesystem::exists(path, failed)) return path;
  }
  return std::nullopt;
}

/// The index's last close is where its simulated trades begin.
std::vector<feed::Instrument> prices_after(const std::string& last_row) {
  const auto row = nlohmann::json::parse(last_row, nullptr, false);
  if (!row.is_object() || !row.contains("close") || !row["close"].is_number()) return {};
  const auto price = market::Price::parse(row["close"].dump());
  if (!price) return {};
  return {{*market::Symbol::parse("SPX"), *price}};
}

/// Daily bars of an index, with the six digits behind the point that they come with.
market::TableSpec data_set_spec() {
  const auto price = market::ColumnType::decimal(18, 6);
  return {.columns = {{"date", market::ColumnType::kDate},
                      {"open", price},
                      {"high", price},
                      {"low", price},
                      {"close", price},
                      {"adjclose", price},
                      {"volume", market::ColumnType::kBigint}},
          .event_time = "date"};
}

}  // namespace

base::Result<void> declare_tables(FeedKind kind, lake::ObjectStore& store) {
  const auto declare = [&](const char* topic, const market::TableSpec& spec) -> base::Result<void> {
    TICKLAKE_ASSIGN(const auto chains, lake::list_chains(store, topic));
    if (!chains.empty()) return {};
    auto created = lake::create_schema(store, topic, lake::declared_schema(spec));
    if (!created && created.error().code != base::ErrorCode::kAlreadyExists) return created;
    return {};
  };
  if (kind != FeedKind::kNone) TICKLAKE_TRY(declare(kDataSetTopic, data_set_spec()));
  if (kind == FeedKind::kSimulate) TICKLAKE_TRY(declare(kTradesTopic, market::trades_spec()));
  return {};
}

ShippedFeed::ShippedFeed(ShippedFeedOptions options, base::FileSystem& files,
                         const base::Clock& clock, base::Logger& logger)
    : options_(std::move(options)), files_(files), clock_(clock), logger_(logger) {}

base::Result<void> ShippedFeed::run(const std::stop_token& stop) {
  while (true) {
    auto fed = run_once(stop);
    if (fed) break;
    if (!options_.outlives_failures) return fed;
    if (!wait_after(fed.error(), stop)) break;
  }
  const std::lock_guard lock(mutex_);
  is_done_ = true;
  return {};
}

base::Result<void> ShippedFeed::run_once(const std::stop_token& stop) {
  if (options_.kind == FeedKind::kNone) return {};
  TICKLAKE_ASSIGN(const auto last_row, replay(stop));
  if (options_.kind == FeedKind::kReplay || stop.stop_requested()) return {};
  return simulate(last_row, stop);
}

bool ShippedFeed::wait_after(const base::Error& error, const std::stop_token& stop) {
  logger_.error("feed: {}", base::to_line(error));
  {
    const std::lock_guard lock(mutex_);
    failure_ = base::to_line(error);
  }
  const bool waited = feed::wait_until(clock_, clock_.monotonic_now() + kRestartWait, stop);
  const std::lock_guard lock(mutex_);
  failure_.clear();
  return waited;
}

feed::Target ShippedFeed::target(const char* topic) const {
  feed::Target target;
  target.brokers = options_.brokers;
  target.topic = topic;
  target.topic_configs = options_.topic_configs;
  if (options_.outlives_failures) target.settings = {{"message.timeout.ms", "0"}};
  target.settings.insert(target.settings.end(), options_.settings.begin(), options_.settings.end());
  return target;
}

base::Result<std::optional<std::string>> ShippedFeed::replay(const std::stop_token& stop) {
  const auto data_set = find_data_set();
  if (!data_set) {
    logger_.warn("the data set sp500.csv is not beside the binary; make build fetches it");
    return std::nullopt;
  }
  feed::ReplayOptions options;
  options.target = target(kDataSetTopic);
  options.rows.file = data_set->string();
  TICKLAKE_ASSIGN(auto started, feed::Replay::start(std::move(options), files_, clock_, logger_));
  {
    const std::lock_guard lock(mutex_);
    replay_ = std::move(started);
  }
  TICKLAKE_TRY(replay_->run(stop));
  return replay_->last_row();
}

base::Result<void> ShippedFeed::simulate(const std::optional<std::string>& last_row,
                                         const std::stop_token& stop) {
  feed::SimulationOptions options;
  options.target = target(kTradesTopic);
  TICKLAKE_ASSIGN(options.pace, feed::Pace::parse_rate(options_.rate));
  options.symbols = options_.symbols;
  options.seed = options_.seed;
  if (last_row) options.prices = prices_after(*last_row);
  TICKLAKE_ASSIGN(auto started, feed::Simulation::start(std::move(options), clock_));
  {
    const std::lock_guard lock(mutex_);
    simulation_ = std::move(started);
  }
  return simulation_->run(stop);
}

ShippedFeed::Progress ShippedFeed::progress() const {
  const std::lock_guard lock(mutex_);
  Progress progress{"starting", "", 0};
  if (options_.kind == FeedKind::kNone) progress.state = "off";
  if (replay_) {
    progress = {"replaying", kDataSetTopic, replay_->stats().acknowledged};
  }
  if (simulation_) {
    progress = {"simulating", kTradesTopic, simulation_->stats().acknowledged};
  }
  if (!failure_.empty()) progress.state = "failed: " + failure_;
  if (is_done_ && options_.kind != FeedKind::kNone) progress.state = "done";
  return progress;
}

}  // namespace ticklake::cli
