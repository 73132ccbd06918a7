#include "http/tcp_transport.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <coroutine>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

namespace ticklake::http {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr size_t kViewsPerCall = 16;
/// Sent without a pause to a client that takes all of it at once; then others have their turn.
constexpr size_t kTurnBytes = 4 * 1024 * 1024;

tl::unexpected<base::Error> gone(const ErrorCode& why) {
  return base::fail(base::ErrorCode::kUnavailable, "the client is gone", why.message());
}

struct ReadSome {
  tcp::socket& socket;
  std::span<std::byte> into;
  ErrorCode error = {};
  size_t size = 0;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    socket.async_read_some(net::buffer(into.data(), into.size()),
                           [this, waiting](ErrorCode failed, size_t read) {
                             error = failed;
                             size = read;
                             waiting.resume();
                           });
  }
  void await_resume() const noexcept {}
};

struct WaitUntilWritable {
  tcp::socket& socket;
  ErrorCode error = {};

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    socket.async_wait(tcp::socket::wait_write, [this, waiting](ErrorCode failed) {
      error = failed;
      waiting.resume();
    });
  }
  void await_resume() const noexcept {}
};

struct LetOthersRun {
  tcp::socket& socket;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    net::post(socket.get_executor(), [waiting] { waiting.resume(); });
  }
  void await_resume() const noexcept {}
};

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(tcp::socket socket) : socket_(std::move(socket)) {}

  Task<base::Result<size_t>> read_some(std::span<std::byte> into) override {
    ReadSome read{socket_, into};
    co_await read;
    if (read.error == net::error::eof) co_return size_t{0};
    if (read.error) co_return gone(read.error);
    co_return read.size;
  }

  Task<base::Result<void>> write(std::span<const base::Fragment> parts) override;

  void cancel() override {
    ErrorCode ignored;  // there may be nothing to cancel
    socket_.cancel(ignored);
  }

  Task<void> shut_down() override {
    ErrorCode ignored;  // the client may be gone already
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }

  bool has_client_left() override {
    tcp_info info{};
    socklen_t size = sizeof info;
    const int status = ::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size);
    return status != 0 || info.tcpi_state != TCP_ESTABLISHED;
  }

  Peer peer() const override {
    ErrorCode ignored;  // who is gone already has no address
    const auto remote = socket_.remote_endpoint(ignored);
    const auto local = socket_.local_endpoint(ignored);
    return {remote.address().to_string(), {local.address().to_string(), local.port()}};
  }

 private:
  ssize_t send_some(std::span<const base::Fragment> parts, size_t from);

  tcp::socket socket_;
};

/// Of `parts`, whose first is sent up to `from`: memory up to the next file, or that file.
ssize_t TcpTransport::send_some(std::span<const base::Fragment> parts, size_t from) {
  if (const auto* const region = std::get_if<base::FileRegion>(&parts.front())) {
    auto position = static_cast<off_t>(region->position + from);
    return ::sendfile(socket_.native_handle(), region->file->descriptor(), &position,
                      region->size - from);
  }
  std::array<iovec, kViewsPerCall> views{};
  size_t count = 0;
  for (; count < std::min(parts.size(), views.size()); ++count) {
    const auto* const view = std::get_if<base::ByteView>(&parts[count]);
    if (!view) break;
    const base::ByteView rest = view->subspan(count == 0 ? from : 0);
    views[count] = {const_cast<std::byte*>(rest.data()), rest.size()};
  }
  msghdr message{};
  message.msg_iov = views.data();
  message.msg_iovlen = count;
  // A head would else leave in a packet of its own before the file.
  const int more = count < parts.size() ? MSG_MORE : 0;
  return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
}

Task<base::Result<void>> TcpTransport::write(std::span<const base::Fragment> parts) {
  size_t from = 0;
  size_t turn = 0;
  while (!parts.empty()) {
    if (from == base::size_of(parts.front())) {
      parts = parts.subspan(1);
      from = 0;
      continue;
    }
    const ssize_t size = send_some(parts, from);
    if (size > 0) {
      turn += static_cast<size_t>(size);
      from += static_cast<size_t>(size);
      while (!parts.empty() && from >= base::size_of(parts.front())) {
        from -= base::size_of(parts.front());
        parts = parts.subspan(1);
      }
    } else if (size == 0) {
      // The file is shorter than it was: the client would wait for ever.
      co_return base::fail(base::ErrorCode::kCorrupt, "a file is shorter than it was");
    } else if (errno == EAGAIN) {
      WaitUntilWritable writable{socket_};
      co_await writable;
      if (writable.error) co_return gone(writable.error);
      turn = 0;
    } else if (errno != EINTR) {
      co_return gone(ErrorCode(errno, boost::system::system_category()));
    }
    if (turn >= kTurnBytes) {
      co_await LetOthersRun{socket_};
      turn = 0;
    }
  }
  co_return base::Result<void>();
}

}  // namespace

std::unique_ptr<Transport> make_tcp_transport(tcp::socket socket, int send_buffer_bytes) {
  ErrorCode ignored;  // slower, not wrong, without
  socket.set_option(tcp::no_delay(true), ignored);
  if (send_buffer_bytes > 0)
    socket.set_option(net::socket_base::send_buffer_size(send_buffer_bytes), ignored);
  socket.non_blocking(true, ignored);  // for sendfile(2), which has no flag for it
  return std::make_unique<TcpTransport>(std::move(socket));
}

}  // namespace ticklake::http
