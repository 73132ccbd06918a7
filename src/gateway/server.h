#pragma once

#include <memory>
#include <stop_token>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "gateway/options.h"
#include "gateway/status_text.h"
#include "gateway/tick_stream.h"
#include "query/query_engine.h"

namespace ticklake::gateway {

/// The HTTP side of ticklake: dashboard, SQL, status, events (routes.h). One thread for the
/// network, a few for queries and the status.
class Server {
 public:
  /// Binds and listens at once. kUnavailable if the port is taken; an error if TLS's files cannot
  /// be used. What is passed by reference must outlive the server.
  static base::Result<std::unique_ptr<Server>> start(Options options, query::QueryEngine& engine,
                                                     const TickStream& ticks, StatusCallback status,
                                                     base::FileSystem& files,
                                                     const base::Clock& clock,
                                                     base::Logger& logger);
  ~Server();

  /// Where it listens, with the port that the system chose if 0 was asked for.
  base::Endpoint address() const;
  /// Serves until a stop is requested; queries that run then are cancelled, streams end. Once.
  void run(std::stop_token stop);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticklake::gateway
