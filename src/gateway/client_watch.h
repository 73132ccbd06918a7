#pragma once

#include <memory>
#include <stop_token>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ticklake::gateway {

/// Looks ten times a second whether the client of a connection is still there, and requests a stop
/// when it has hung up, also if it sent more before it did. The thread of the socket only; the
/// socket must outlive the watch.
class ClientWatch {
 public:
  ClientWatch(boost::asio::ip::tcp::socket& socket, std::stop_source stop);
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;
  ~ClientWatch();

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;  ///< shared with the timer's handler, which may come after the end
};

}  // namespace ticklake::gateway
