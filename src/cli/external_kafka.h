#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "kafka/admin.h"
#include "kafka/client_security.h"
#include "sink/problems.h"
#include "sink/sink.h"

namespace ticklake::kafka {
struct ClusterDescription;
}

namespace ticklake::cli {

/// The Kafka of `ticklake up --kafka`, as it was asked for.
struct ExternalKafkaOptions {
  std::string addresses;           ///< HOST:PORT[,HOST:PORT…]
  kafka::ClientSettings settings;  ///< librdkafka's, as the user gave them
  std::vector<std::string> topics;
  std::string group;  ///< empty: one of the data folder's own
};

/// A Kafka that is not ours: where to reach it, and whether it answers just now. It is asked every
/// few seconds; while it does not answer, everything else goes on.
class ExternalKafka {
 public:
  /// Waits for an answer, at most kStartWait, and says so where it takes longer than a moment;
  /// kUnavailable, or kPermission where a broker refuses us. Reads what `data` keeps of its group.
  static base::Result<std::unique_ptr<ExternalKafka>> connect(ExternalKafkaOptions options,
                                                              const base::Path& data,
                                                              base::FileSystem& files,
                                                              const base::Clock& clock,
                                                              base::Logger& logger);

  /// Looks after it until `stop` is requested.
  void watch(const std::stop_token& stop);

  /// The given addresses, then those of all brokers that there were at the start, so that the way
  /// to the cluster does not depend on the given ones being up.
  const std::string& brokers() const { return brokers_; }
  /// The user's, over what makes a client turn away from a lost broker soon.
  const kafka::ClientSettings& settings() const { return settings_; }
  const std::string& group() const { return group_; }
  /// Where the sink reads, and as whom.
  sink::SinkOptions sink_options() const;

  /// The status' member `broker`. Safe from any thread.
  nlohmann::json status() const;
  /// What does not work just now. Safe from any thread.
  std::vector<sink::Problem> problems() const { return problems_.list(); }
  /// "3 brokers, 12 topics", for a person.
  std::string summary() const;

 private:
  /// What the last answer said.
  struct Seen {
    size_t brokers = 0;
    size_t topics = 0;  ///< without internal ones
    size_t partitions = 0;
    size_t leaderless = 0;  ///< partitions that nobody can read or write just now
    std::vector<std::string> absent_topics;
  };

  ExternalKafka(ExternalKafkaOptions options, const base::Clock& clock, base::Logger& logger)
      : options_(std::move(options)), clock_(clock), problems_(clock, logger) {}
  base::Result<void> open(const base::Path& data, base::FileSystem& files);
  base::Result<kafka::ClusterDescription> wait_for_answer() const;
  Seen seen_of(const kafka::ClusterDescription& cluster) const;
  void look();
  void take(const kafka::ClusterDescription& cluster);

  const ExternalKafkaOptions options_;
  const base::Clock& clock_;
  std::string brokers_;
  kafka::ClientSettings settings_;
  kafka::ClientSecurity security_;
  std::string instance_id_;
  std::string group_;
  std::unique_ptr<kafka::Admin> admin_;  ///< of the thread of watch(), as the next
  std::optional<base::MonotonicTime> unanswered_since_;
  sink::Problems problems_;

  mutable std::mutex mutex_;  ///< guards what follows
  Seen seen_;
  bool is_reachable_ = true;
  std::string error_;
};

}  // namespace ticklake::cli
