#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/broker.h"
#include "broker/connection.h"

namespace ticklake::broker {

struct ServerOptions {
  base::Path folder;  ///< everything that the broker keeps; made if it is not there
  base::Endpoint listen{"127.0.0.1", 9092};
  /// What clients are told to connect to; none: the address that they dialled.
  std::optional<base::Endpoint> advertised;
  BrokerSettings broker;
  GroupSettings groups;
  TxnSettings transactions;
  ConnectionLimits limits;
};

/// As of a moment within the last second.
struct ServerStats {
  uint64_t topics = 0;
  uint64_t partitions = 0;
  uint64_t records_in = 0;
  uint64_t bytes_in = 0;
  uint64_t connections = 0;
};

/// A durable single-node Kafka broker: one event loop that owns all its state, and one thread
/// beside it for fsync.
class Server {
 public:
  /// Recovers the logs and binds, so that a port or a folder in use is an error here. "localhost"
  /// binds 127.0.0.1 and, where there is one, ::1. There is no authentication yet, so an address
  /// other than loopback is warned about.
  static base::Result<std::unique_ptr<Server>> start(ServerOptions options, base::FileSystem& files,
                                                     const base::Clock& clock, base::Random random,
                                                     std::shared_ptr<base::Logger> logger);
  ~Server();

  /// Where it listens, with the port that the system chose where 0 was asked for.
  base::Endpoint address() const;
  /// Serves until a stop is requested; then syncs and closes the logs.
  base::Result<void> run(std::stop_token stop);
  /// Safe from any thread.
  ServerStats stats() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ticklake::broker
