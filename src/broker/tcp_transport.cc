#include "broker/tcp_transport.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace ticklake::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

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

  void write(std::vector<base::ByteView> parts, WriteDone done) override {
    std::vector<asio::const_buffer> buffers;
    buffers.reserve(parts.size());
    for (const base::ByteView part : parts)
      buffers.emplace_back(part.data(), part.size());
    asio::async_write(socket_, buffers,
                      [done = std::move(done)](boost::system::error_code failed, size_t) {
                        if (failed) return done(gone(failed));
                        done({});
                      });
  }

  void close() override {
    boost::system::error_code ignored;  // it is closed either way
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  std::string client_host() const override { return client_host_; }
  base::Endpoint local() const override { return local_; }

 private:
  tcp::socket socket_;
  std::string client_host_;
  base::Endpoint local_;
};

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
