#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ticklake::base {

/// HOST:PORT as a person writes it; an IPv6 host stands in brackets: [::1]:9092.
struct Endpoint {
  std::string host;   ///< without brackets
  uint16_t port = 0;  ///< 0 asks the system for a free one

  bool operator==(const Endpoint&) const = default;
  /// Fails with kInvalidArgument and an example of the right form.
  static Result<Endpoint> parse(std::string_view text);
  std::string text() const;
};

}  // namespace ticklake::base
