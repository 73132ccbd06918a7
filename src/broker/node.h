#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret_random.h"
#include "broker/broker.h"
#include "broker/connection.h"
#include "broker/coordinator_topic.h"
#include "broker/event_loop.h"
#include "broker/listener.h"
#include "broker/log/cleaner.h"
#include "broker/log_topics.h"
#include "broker/partition_markers.h"
#include "broker/security/authorizer.h"
#include "broker/transport.h"

namespace ticklake::broker {

struct NodeOptions {
  base::Path folder;  ///< everything that the broker keeps; made if it is not there
  BrokerSettings broker;
  GroupSettings groups;
  TxnSettings transactions;
  std::optional<AuthorizerSettings> authorization;  ///< none: everyone may do everything
  ConnectionLimits limits;
  AuthenticationSettings authentication;
  /// What topics have that did not set it themselves.
  TopicDefaults topic_defaults;
  std::chrono::milliseconds retention_check{std::chrono::minutes{5}};
  bool has_cleaner = true;
  Cleaner::Settings cleaner;
  std::chrono::milliseconds cleaner_pause{1000};  ///< before it looks for work again
  /// A producer that is silent for longer is forgotten.
  std::chrono::milliseconds producer_expiration{std::chrono::hours{24}};
  /// Kafka's broker configs that were given (config/given_configs.h), with their values; what they
  /// do stands in the other fields.
  std::map<std::string, std::string, std::less<>> given_configs;
  /// For salts and nonces.
  base::SecretRandom secret_random = base::system_secret_random();
  /// Users of this process alone, by name, with their passwords.
  std::map<std::string, std::string> unlisted_users;
};

/// As of a moment within the last second.
struct NodeStats {
  uint64_t topics = 0;
  uint64_t partitions = 0;
  uint64_t records_in = 0;
  uint64_t bytes_in = 0;
  uint64_t connections = 0;
};

/// The whole broker but for the machine that it runs on: clock, disk, network, randomness and its
/// loop are handed in. All calls but stats() come from the loop's thread.
class Node {
 public:
  /// Recovers the logs and the coordinators. The references must outlive it.
  static base::Result<std::unique_ptr<Node>> open(NodeOptions options, base::FileSystem& files,
                                                  const base::Clock& clock, base::Random random,
                                                  std::shared_ptr<base::Logger> logger,
                                                  EventLoop& loop);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Begins what has to be done from time to time.
  void start();
  /// Serves a client that came by `listener`, which must outlive it, or refuses it if there are too
  /// many.
  void accept(std::unique_ptr<Transport> transport, const Listener& listener);
  /// Says that a client was turned away, once a second at most.
  void refuse(const std::string& client, std::string_view reason);
  /// Closes all connections; `stopped` runs when the disks are idle, maybe at once.
  void begin_stop(std::function<void()> stopped);
  /// Syncs and closes the logs: the next start finds a clean shutdown.
  base::Result<void> close();
  /// Before the loop ends for good: replies that are still owed close their connections, which
  /// must be there for it. Only destruction may follow.
  void drop_replies();

  Broker& broker() { return *broker_; }
  /// Safe from any thread.
  NodeStats stats() const;

 private:
  Node(NodeOptions options, base::FileSystem& files, const base::Clock& clock, base::Random random,
       std::shared_ptr<base::Logger> logger, EventLoop& loop);

  base::Result<void> open_parts();
  void turn();
  void start_syncs();
  void arm_deadline();
  void arm_tick();
  void tick();
  bool is_due(std::chrono::milliseconds interval) const;
  void clean();
  void look_after_connections();
  void run_later(std::chrono::milliseconds delay, EventLoop::Task task);
  void run_delayed();
  base::Result<void> open_security();
  void refresh_stats();
  void stop_if_idle();

  NodeOptions options_;
  base::FileSystem& files_;
  const base::Clock& clock_;
  base::Random random_;
  std::shared_ptr<base::Logger> logger_;
  EventLoop& loop_;

  std::unique_ptr<LogFolder> logs_;
  ProducerIds producer_ids_;
  std::unique_ptr<LogTopics> topics_;
  std::unique_ptr<CoordinatorTopic> offsets_topic_;
  std::unique_ptr<CoordinatorTopic> transactions_topic_;
  std::unique_ptr<PartitionMarkers> markers_;
  std::unique_ptr<GroupCoordinator> groups_;
  std::unique_ptr<TxnCoordinator> transactions_;
  std::unique_ptr<Broker> broker_;
  std::unique_ptr<Authorizer> authorizer_;  ///< null: everyone may do everything
  std::unique_ptr<Cleaner> cleaner_;
  std::unique_ptr<ConnectionShare> share_;
  std::vector<std::shared_ptr<Connection>> connections_;  ///< those that are closed, until a tick

  std::multimap<base::MonotonicTime, EventLoop::Task> delayed_;
  std::optional<base::MonotonicTime> armed_for_;
  size_t refused_ = 0;  ///< clients, since that was last said
  base::MonotonicTime refusal_said_at_;
  int64_t ticks_ = 0;
  bool is_syncing_ = false;
  bool is_cleaning_ = false;  ///< between two slices
  bool is_cleaner_syncing_ = false;
  std::function<void()> stopped_;  ///< set once it is stopping

  std::atomic<uint64_t> topic_count_{0}, partition_count_{0}, records_in_{0}, bytes_in_{0},
      connection_count_{0};
};

}  // namespace ticklake::broker
