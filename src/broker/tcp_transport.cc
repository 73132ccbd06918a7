#include "broker/tcp_transport.h"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <sys/sendfile.h>
#include <sys/socket.h>

namespace ticklake::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr size_t kViewsPerCall = 64;

tl::unexpected<base::Error> gone(const boost::system::error_code& why) {
  return base::fail(base::ErrorCode::kUnavailable, "the client is gone", why.message());
}

base::Endpoint endpoint_of(const tcp::endpoint& endpoint) {
  return {endpoint.address().to_string(), endpoint.port()};
}

class TcpTransport final : public Transport {
 public:
  TcpTransport(tcp::socket socket, std::string client_host, base::Endpoint local)
      : socket_(std::move(socket)),
        client_host_(std::move(client_host)),
        local_(std::move(local)) {}

  void read_some(Room room, ReadDone done) override {
    socket_.async_wait(
        tcp::socket::wait_read,
        [this, room = std::move(room), done = std::move(done)](boost::system::error_code failed) {
          if (failed) return done(gone(failed));
          const std::span<std::byte> into = room();
          const size_t size = socket_.read_some(asio::buffer(into.data(), into.size()), failed);
          if (failed == asio::error::would_block) return read_some(room, done);
          if (failed) return done(gone(failed));
          done(size);
        });
  }

  void write(std::vector<base::Fragment> parts, WriteDone done) override {
    parts_ = std::move(parts);
    next_part_ = 0;
    send(std::move(done));
  }

  void close() override {
    boost::system::error_code ignored;  // it is closed either way
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  std::string client_host() const override { return client_host_; }
  base::Endpoint local() const override { return local_; }

 private:
  void send(WriteDone done);
  boost::system::error_code send_some();
  ssize_t send_memory();
  ssize_t send_region(const base::FileRegion& region);
  void sent(size_t size);

  tcp::socket socket_;
  std::string client_host_;
  base::Endpoint local_;
  std::vector<base::Fragment> parts_;  ///< of the write that is under way
  size_t next_part_ = 0;               ///< those before it were sent
};

/// Sends until the socket is full, then when it has room again.
void TcpTransport::send(WriteDone done) {
  boost::system::error_code failed;
  while (!failed && next_part_ < parts_.size())
    failed = send_some();
  if (failed == asio::error::would_block) {
    return socket_.async_wait(
        tcp::socket::wait_write,
        [this, done = std::move(done)](boost::system::error_code gone_meanwhile) mutable {
          if (gone_meanwhile) return done(gone(gone_meanwhile));
          send(std::move(done));
        });
  }
  parts_.clear();  // it lets go of files
  asio::post(socket_.get_executor(), [done = std::move(done), failed] {
    if (failed) return done(gone(failed));
    done({});
  });
}

boost::system::error_code TcpTransport::send_some() {
  const auto* const region = std::get_if<base::FileRegion>(&parts_[next_part_]);
  const ssize_t size = region ? send_region(*region) : send_memory();
  if (size < 0 && errno == EINTR) return {};
  if (size < 0) return {errno, boost::system::system_category()};
  // The file is shorter than it was: the client would wait for ever.
  if (size == 0) return asio::error::eof;
  sent(static_cast<size_t>(size));
  return {};
}

/// The parts up to the next one that is in a file, as far as one call takes them.
ssize_t TcpTransport::send_memory() {
  std::array<iovec, kViewsPerCall> views{};
  size_t count = 0;
  size_t i = next_part_;
  for (; i < parts_.size() && count < views.size(); ++i, ++count) {
    const auto* const view = std::get_if<base::ByteView>(&parts_[i]);
    if (!view) break;
    views[count] = {const_cast<std::byte*>(view->data()), view->size()};
  }
  msghdr message{};
  message.msg_iov = views.data();
  message.msg_iovlen = count;
  // A response's head would else leave in a packet of its own.
  const int more = i < parts_.size() ? MSG_MORE : 0;
  return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | more);
}

ssize_t TcpTransport::send_region(const base::FileRegion& region) {
  auto position = static_cast<off_t>(region.position);
  return ::sendfile(socket_.native_handle(), region.file->descriptor(), &position, region.size);
}

void TcpTransport::sent(size_t size) {
  while (size > 0) {
    base::Fragment& part = parts_[next_part_];
    const size_t part_size = base::size_of(part);
    if (size < part_size) {
      part = base::part_of(part, size, part_size - size);
      return;
    }
    size -= part_size;
    ++next_part_;
  }
}

}  // namespace

base::Result<std::unique_ptr<Transport>> make_tcp_transport(tcp::socket socket) {
  boost::system::error_code failed;
  const auto remote = socket.remote_endpoint(failed);
  if (failed) return gone(failed);
  const auto local = socket.local_endpoint(failed);
  if (failed) return gone(failed);
  socket.set_option(tcp::no_delay(true), failed);  // else small answers wait for acks
  socket.non_blocking(true, failed);
  return std::make_unique<TcpTransport>(std::move(socket), remote.address().to_string(),
                                        endpoint_of(local));
}

}  // namespace ticklake::broker
