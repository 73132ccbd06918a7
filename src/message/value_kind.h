#pragma once

#include <string>
#include <string_view>

namespace ticklake::message {

/// Why a value that does not begin as a JSON object can be no row, by its kind: "it is empty",
/// "it looks like CSV text", "it is gzip", … Where a flag would make rows of it, the flag is named.
/// A look at its first bytes; it may be wrong about which text it is, not about what to do.
std::string reason_of_kind(std::string_view value);

}  // namespace ticklake::message
