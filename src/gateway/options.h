#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/tls_certificates.h"
#include "gateway/parts.h"

namespace ticklake::gateway {

struct Options {
  base::Endpoint listen{"127.0.0.1", 8080};
  /// TLS, if given; with a client CA whoever comes in needs a certificate that it signed.
  std::optional<base::TlsFiles> tls = {};
  /// Names besides IP addresses and localhost under which browsers may call this server.
  std::vector<std::string> allowed_hosts = {};
  /// Asked for each request; while it is true, clients on other machines are refused.
  std::function<bool()> is_for_loopback_only = {};
  /// What the page's rooms show besides.
  Parts parts = {};
  size_t connections_max = 256;
  size_t body_bytes_max = 1024 * 1024;
  size_t query_threads = 4;
  size_t look_threads = 2;  ///< for what the rooms show
  std::chrono::milliseconds query_time_max{30'000};
  std::chrono::milliseconds idle_time_max{60'000};     ///< between two requests
  std::chrono::milliseconds request_time_max{10'000};  ///< from a request's first byte to its last
  std::chrono::milliseconds write_time_max{30'000};    ///< a client that takes nothing is let go
  std::chrono::milliseconds live_interval{1'000};      ///< between results of /api/query/live
  int send_buffer_bytes = 0;  ///< of each socket; 0 leaves the system's choice
};

}  // namespace ticklake::gateway
