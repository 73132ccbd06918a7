#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/fragment.h"
#include "base/result.h"
#include "broker/security/principal.h"

namespace ticklake::broker {

/// The bytes of one client, both ways. Memory that is given to write() must stay valid until its
/// `done`.
/// A `done` runs on the loop and never within the call; one read and one write at a time. After
/// close() a pending one ends with an error, soon.
class Transport {
 public:
  /// Where the bytes go, at least one byte of room: asked when there is something to read, so that
  /// clients who say nothing hold no memory, and right before `done`.
  using Room = std::function<std::span<std::byte>()>;
  using ReadDone = std::function<void(base::Result<size_t>)>;
  using WriteDone = std::function<void(base::Result<void>)>;

  virtual ~Transport() = default;
  /// At least one byte, at most as many as there is room for; kUnavailable at the end of the
  /// stream.
  virtual void read_some(Room room, ReadDone done) = 0;
  /// All of `parts`, one after the other.
  virtual void write(std::vector<base::Fragment> parts, WriteDone done) = 0;
  virtual void close() = 0;

  /// Who the client has shown to be by the channel itself, as by a certificate; known once a read
  /// is done.
  virtual std::optional<Principal> principal() const { return std::nullopt; }
  /// The client's address without its port.
  virtual std::string client_host() const = 0;
  /// The address that the client dialled.
  virtual base::Endpoint local() const = 0;
};

}  // namespace ticklake::broker
