#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace ticklake::cli {

/// "250ms", "60s", "5m" or "2h"; more than nothing. kInvalidArgument says what a duration is.
base::Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// "134217728", "128MiB", "128MB", "64KiB", "1GiB": KB, MB and GB count in thousands, KiB and so on
/// in 1,024. kInvalidArgument says what a size is.
base::Result<uint64_t> parse_bytes(std::string_view text);

}  // namespace ticklake::cli
