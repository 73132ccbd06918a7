#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"

namespace ticklake::base {

/// A blocking TCP connection to a server, for the few places that ask one question at a time.
/// Closed when destroyed. One thread at a time.
class Socket {
 public:
  /// Tries each address of the host. `timeout` holds for connecting and for each later wait:
  /// kTimeout when it passes, kUnavailable if nobody listens there or the name is unknown.
  static Result<Socket> connect(const Endpoint& endpoint, std::chrono::milliseconds timeout);

  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  /// All of them, or an error.
  Result<void> send(ByteView bytes);
  /// What is there, at least one byte; kUnavailable at the end.
  Result<size_t> receive_some(std::span<std::byte> bytes);
  /// Fills all of `bytes`; kUnavailable if the server closes before.
  Result<void> receive(std::span<std::byte> bytes);

 private:
  Socket(int descriptor, std::string peer) : descriptor_(descriptor), peer_(std::move(peer)) {}

  int descriptor_;
  std::string peer_;
};

}  // namespace ticklake::base
