#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace ticklake::base {

/// RFC 4648, section 4: with padding, on one line.
std::string to_base64(ByteView bytes);

/// None unless `text` is what to_base64 writes for some bytes.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace ticklake::base
