#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "base/tls_certificates.h"
#include "broker/listener.h"
#include "broker/node.h"

namespace ticklake::broker {

struct ServerOptions {
  std::vector<Listener> listeners{Listener{}};
  base::TlsFiles tls;  ///< for the listeners that use it
  NodeOptions node;
};

/// A durable single-node Kafka broker on this machine: a Node, one thread for its loop, and
/// threads beside it for fsync.
class Server {
 public:
  /// Recovers the logs and binds, so that a port or a folder in use is an error here. "localhost"
  /// binds 127.0.0.1 and, where there is one, ::1. An address other than loopback where nobody is
  /// asked who he is is warned about.
  static base::Result<std::unique_ptr<Server>> start(ServerOptions options, base::FileSystem& files,
                                                     const base::Clock& clock, base::Random random,
                                                     std::shared_ptr<base::Logger> logger);
  ~Server();

  /// Where it listens, with the ports that the system chose where 0 was asked for.
  const std::vector<Listener>& listeners() const;
  /// Serves until a stop is requested; then syncs and closes the logs.
  base::Result<void> run(std::stop_token stop);
  /// Safe from any thread.
  NodeStats stats() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ticklake::broker
