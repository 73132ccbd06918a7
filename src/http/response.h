#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/fragment.h"
#include "base/result.h"
#include "http/field.h"
#include "http/task.h"

namespace ticklake::http {

/// Where a body goes that is made while it is sent. A write waits until the client has taken enough
/// of what came before, so that nothing piles up; kUnavailable once the client is gone.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual Task<base::Result<void>> write(base::Fragment part) = 0;
  Task<base::Result<void>> write(std::string_view text) {
    return write(base::Fragment(base::as_bytes(text)));
  }
};

/// A body that a coroutine writes, after the head was sent. An error that it returns cuts the
/// answer off, which is all that HTTP can say by then. It lives until the answer is sent, and so
/// does what it captured.
struct BodyStream {
  std::function<Task<base::Result<void>>(BodyWriter&)> write;
  /// Exactly so many bytes, if it is known; else the body goes in chunks.
  std::optional<uint64_t> length = {};
};

/// A ByteView is of memory that outlives the server, such as what is compiled in. A FileRegion goes
/// by sendfile(2) where it can.
using Body = std::variant<std::string, base::ByteView, base::FileRegion, BodyStream>;

/// An answer. Content-Length, Transfer-Encoding, Connection and Date are added when it is sent; to
/// HEAD all of it is sent but the body.
struct Response {
  int status = 200;
  FieldList fields = {};
  Body body = {};
  bool closes = false;  ///< the connection ends with it
  /// For HEAD, where no body was opened: the length that GET would have.
  std::optional<uint64_t> length_of_get = {};

  static Response of(int status, std::string_view content_type, std::string body);
  /// None for a BodyStream that does not know.
  std::optional<uint64_t> length() const;
};

}  // namespace ticklake::http
