#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "base/tls_certificates.h"
#include "http/site.h"

namespace ticklake::http {

struct ServerOptions {
  /// Each has its own connections, and runs their handlers. With one, handlers need no locks.
  size_t io_threads = 1;
  /// For Exchange::run_blocking().
  size_t blocking_threads = 4;
  /// What requests that run at a stop have to come to their end.
  std::chrono::milliseconds stop_time_max{2'000};
};

/// One address that clients come to.
struct Listener {
  base::Endpoint address{"127.0.0.1", 0};
  /// TLS, if given. Where there is a client CA, clients need a certificate that it signed; Peer
  /// says whose. Files that change are read again, for new connections.
  std::optional<base::TlsFiles> tls = {};
  /// How a person chooses another address: "--http-listen 127.0.0.1:8081".
  std::string advice = {};
};

/// Serves HTTP/1.1 and 1.0, of several sites at as many listeners.
class Server {
 public:
  /// What is passed by reference must outlive the server.
  Server(ServerOptions options, base::FileSystem& files, const base::Clock& clock,
         base::Logger& logger);
  ~Server();

  /// Binds and listens at once; clients wait until run(). "localhost" means 127.0.0.1 and, where
  /// there is one, ::1. Gives the address, with the port that the system chose if 0 was asked for.
  /// kUnavailable if the port is taken; kInvalidArgument if the address is none of this machine's,
  /// or the certificate cannot be used.
  base::Result<base::Endpoint> listen(Listener listener, Site site);

  /// Serves until a stop is requested: then nobody is let in, idle connections end, handlers are
  /// told, and what has not come to its end within stop_time_max is cut off. Once.
  void run(std::stop_token stop);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticklake::http
