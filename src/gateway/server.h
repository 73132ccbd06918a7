#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/log.h"
#include "base/result.h"
#include "gateway/tick_stream.h"
#include "query/query_engine.h"

namespace ticklake::gateway {

/// What every stage does just now, as GET /api/status shows it (docs: src/gateway/routes.h). Called
/// from the server's thread, at most a few times a second and only when somebody asks; must not
/// block. Its member "ready" decides about GET /health/ready, "reason" says why it is not.
using StatusCallback = std::function<nlohmann::json()>;

struct Options {
  base::Endpoint listen{"127.0.0.1", 8080};
  /// Names besides IP addresses and localhost under which browsers may call this server.
  std::vector<std::string> allowed_hosts = {};
  /// Asked for each connection; while it is true, clients on other machines are refused.
  std::function<bool()> is_for_loopback_only = {};
  size_t connections_max = 256;
  size_t body_bytes_max = 1024 * 1024;
  size_t query_threads = 4;
  std::chrono::milliseconds query_time_max{30'000};
  std::chrono::milliseconds idle_time_max{60'000};     ///< between two requests
  std::chrono::milliseconds request_time_max{10'000};  ///< from a request's first byte to its last
  std::chrono::milliseconds write_time_max{30'000};    ///< a client that takes nothing is let go
  std::chrono::milliseconds live_interval{1'000};      ///< between results of /api/query/live
  int send_buffer_bytes = 0;  ///< of each socket; 0 leaves the system's choice
};

/// The HTTP side of ticklake: dashboard, SQL, status, events. One thread for the network, a few for
/// queries.
class Server {
 public:
  /// Binds and listens at once. kUnavailable if the port is taken. What is passed by reference must
  /// outlive the server.
  static base::Result<std::unique_ptr<Server>> start(Options options, query::QueryEngine& engine,
                                                     const TickStream& ticks, StatusCallback status,
                                                     const base::Clock& clock,
                                                     base::Logger& logger);
  ~Server();

  /// Where it listens, with the port that the system chose if 0 was asked for.
  base::Endpoint address() const;
  /// Serves until a stop is requested; queries that run then are cancelled, streams end.
  void run(std::stop_token stop);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticklake::gateway
