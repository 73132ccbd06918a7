#pragma once

#include <cstddef>
#include <span>

#include "base/fragment.h"
#include "base/result.h"
#include "http/request.h"
#include "http/task.h"

namespace ticklake::http {

/// The bytes of one client, both ways, on the thread of its connection. One operation at a time.
class Transport {
 public:
  virtual ~Transport() = default;
  /// At least one byte; 0 if the client sends no more. kUnavailable if it is gone, kInvalidData if
  /// it should speak TLS and does not.
  virtual Task<base::Result<size_t>> read_some(std::span<std::byte> into) = 0;
  /// All of `parts`, one after the other, in as few calls of the system as may be.
  virtual Task<base::Result<void>> write(std::span<const base::Fragment> parts) = 0;
  /// Ends the operation that is pending, if one is, with an error.
  virtual void cancel() = 0;
  /// Tells the client that nothing follows.
  virtual Task<void> shut_down() = 0;
  /// Whether the client has closed its end, also if there is something left to read.
  virtual bool has_client_left() = 0;
  /// Who is at the other end; the certificate is known once something was read.
  virtual Peer peer() const = 0;
};

}  // namespace ticklake::http
