#include "cli/listen_address.h"

namespace ticklake::cli {
namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

base::Result<base::Endpoint> parse_listen_address(const std::string& text, bool is_insecure) {
  TICKLAKE_ASSIGN(base::Endpoint endpoint, base::Endpoint::parse(text));
  if (is_insecure || is_loopback(endpoint.host)) return endpoint;
  return base::fail(base::ErrorCode::kInvalidArgument, "will not listen on " + text,
                    "nobody is asked who he is there, so whoever reaches it can read, write and "
                    "delete everything",
                    "listen on 127.0.0.1, or say --insecure");
}

}  // namespace ticklake::cli
