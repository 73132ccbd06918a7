#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "broker/server.h"

namespace ticklake::cli {

/// Where the broker listens and how its clients say who they are, as it was typed.
struct ListenerFlags {
  std::vector<std::string> listen{"127.0.0.1:9092"};
  std::vector<std::string> advertise;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
  size_t connections_max = broker::ConnectionLimits{}.connections_max;
  size_t connections_per_address_max = broker::ConnectionLimits{}.connections_per_address_max;
  bool is_insecure = false;
};

/// --kafka-listen, --advertise, --tls-…, --connections…, --insecure.
void add_listener_flags(CLI::App& command, ListenerFlags& flags);

/// Puts them into the options. A listener outside loopback where nobody has to say who he is is an
/// error unless --insecure was said.
base::Result<void> apply(const ListenerFlags& flags, broker::ServerOptions& options);

}  // namespace ticklake::cli
