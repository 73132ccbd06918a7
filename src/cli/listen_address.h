#pragma once

#include <string>

#include "base/endpoint.h"
#include "base/result.h"

namespace ticklake::cli {

/// Nobody but this machine reaches it.
bool is_loopback(const std::string& host);

/// A listener that asks nobody who he is: outside loopback that is an error unless the user says
/// `is_insecure`.
base::Result<void> check_listen_address(const base::Endpoint& endpoint, bool is_insecure);

inline constexpr const char* kInsecureHelp =
    "listen on an address that others reach, without authentication";

}  // namespace ticklake::cli
