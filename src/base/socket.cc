#include "base/socket.h"

#include <cerrno>
#include <memory>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace ticklake::base {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Result<Addresses> look_up(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status =
      getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (status != 0) {
    return fail(ErrorCode::kUnavailable, "cannot connect to " + endpoint.text(),
                gai_strerror(status), "check the host's name");
  }
  return Addresses(found, freeaddrinfo);
}

void set_options(int descriptor, std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timeval wait{.tv_sec = seconds.count(),
                     .tv_usec = std::chrono::microseconds(timeout - seconds).count()};
  const int on = 1;
  // The time to send is also the time to connect (Linux, socket(7)).
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// What a socket's wait that ran out looks like, told as what it is.
Error socket_error(int errno_value, std::string what) {
  const bool is_timeout =
      errno_value == EAGAIN || errno_value == EWOULDBLOCK || errno_value == EINPROGRESS;
  return os_error(is_timeout ? ETIMEDOUT : errno_value, std::move(what));
}

}  // namespace

Result<Socket> Socket::connect(const Endpoint& endpoint, std::chrono::milliseconds timeout) {
  TICKLAKE_ASSIGN(const Addresses addresses, look_up(endpoint));
  int error = ECONNREFUSED;
  for (const addrinfo* address = addresses.get(); address; address = address->ai_next) {
    const int descriptor =
        ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
    if (descriptor < 0) {
      error = errno;
      continue;
    }
    Socket socket(descriptor, endpoint.text());
    set_options(descriptor, timeout);
    if (::connect(descriptor, address->ai_addr, address->ai_addrlen) == 0) return socket;
    error = errno;
  }
  return fail(socket_error(error, "cannot connect to " + endpoint.text()));
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), peer_(std::move(other.peer_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(peer_, other.peer_);
  return *this;
}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> Socket::send(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail(socket_error(errno, "send to " + peer_));
    bytes = bytes.subspan(static_cast<size_t>(sent));
  }
  return {};
}

Result<size_t> Socket::receive_some(std::span<std::byte> bytes) {
  while (true) {
    const ssize_t received = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) return fail(socket_error(errno, "receive from " + peer_));
    if (received == 0) {
      return fail(ErrorCode::kUnavailable, "receive from " + peer_, "it closed the connection");
    }
    return static_cast<size_t>(received);
  }
}

Result<void> Socket::receive(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    TICKLAKE_ASSIGN(const size_t received, receive_some(bytes));
    bytes = bytes.subspan(received);
  }
  return {};
}

}  // namespace ticklake::base
