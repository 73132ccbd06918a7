#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "feed/replay.h"
#include "feed/simulation.h"
#include "lake/object_store.h"

namespace ticklake::cli {

inline constexpr const char* kDataSetTopic = "sp500";
inline constexpr const char* kTradesTopic = "trades";

/// Which of the two that `up` can feed.
enum class FeedKind : uint8_t { kNone, kReplay, kSimulate };

struct ShippedFeedOptions {
  FeedKind kind = FeedKind::kSimulate;
  std::string brokers = {};
  kafka::ClientSettings settings = {};
  std::map<std::string, std::string> topic_configs = {};  ///< of the topics that it makes
  std::string rate = "1000/s";
  size_t symbols = 100;
  uint64_t seed = 1;
  /// A Kafka that is not ours may be away for long: records wait for it, and what fails all the
  /// same is begun again, from where the topic ends.
  bool outlives_failures = false;
};

/// Declares the tables that the feed fills in a lake that has neither rows nor columns of them.
base::Result<void> declare_tables(FeedKind kind, lake::ObjectStore& store);

/// What `up` shows without being asked for anything: the real data set that comes with ticklake is
/// replayed to its topic, then trades are simulated from its last prices. Both go on where they
/// were after a restart.
class ShippedFeed {
 public:
  ShippedFeed(ShippedFeedOptions options, base::FileSystem& files, const base::Clock& clock,
              base::Logger& logger);

  /// Until a stop is requested, or until there is nothing left to feed.
  base::Result<void> run(const std::stop_token& stop);

  struct Progress {
    std::string state;  ///< "replaying", "simulating", "done", "off"; "failed: …" for a while
    std::string topic;
    uint64_t records = 0;  ///< acknowledged, in this run
  };
  /// Safe from any thread.
  Progress progress() const;

 private:
  base::Result<void> run_once(const std::stop_token& stop);
  bool wait_after(const base::Error& error, const std::stop_token& stop);
  feed::Target target(const char* topic) const;
  base::Result<std::optional<std::string>> replay(const std::stop_token& stop);
  base::Result<void> simulate(const std::optional<std::string>& last_row,
                              const std::stop_token& stop);

  const ShippedFeedOptions options_;
  base::FileSystem& files_;
  const base::Clock& clock_;
  base::Logger& logger_;
  mutable std::mutex mutex_;  ///< guards what follows, which progress() reads
  std::unique_ptr<feed::Replay> replay_;
  std::unique_ptr<feed::Simulation> simulation_;
  bool is_done_ = false;
  std::string failure_;  ///< what is waited after; empty while it feeds
};

}  // namespace ticklake::cli
