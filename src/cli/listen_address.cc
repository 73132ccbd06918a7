#include "cli/listen_address.h"

namespace ticklake::cli {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

base::Result<void> check_listen_address(const base::Endpoint& endpoint, bool is_insecure) {
  if (is_insecure || is_loopback(endpoint.host)) return {};
  return base::fail(base::ErrorCode::kInvalidArgument, "will not listen on " + endpoint.text(),
                    "nobody is asked who he is there, so whoever reaches it can read, write and "
                    "delete everything",
                    "listen on 127.0.0.1, ask clients by SASL_SSL:// (ticklake user add), or say "
                    "--insecure");
}

}  // namespace ticklake::cli
