#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/request.h"
#include "http/response.h"

namespace ticklake::http {

/// How a client finds the end of a body (RFC 9112, 6).
enum class BodyFraming : uint8_t {
  kNone,        ///< 1xx, 204 and 304 have none, and say nothing of it
  kLength,      ///< Content-Length
  kChunked,     ///< Transfer-Encoding: chunked
  kUntilClose,  ///< HTTP/1.0 knows no chunks
};
BodyFraming framing_of(const Response& response, Version version);

/// Appends status line, fields and the empty line. Written by hand: Beast's messages would set
/// aside memory for each field, and a small answer is little more than its head.
void append_head(const Response& response, BodyFraming framing, Version version, bool keeps_alive,
                 std::string_view date, std::string& into);

}  // namespace ticklake::http
