#include "gateway/client_watch.h"

#include <poll.h>

namespace ticklake::gateway {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

bool has_hung_up(boost::asio::ip::tcp::socket& socket) {
  // Readable would not do: the next request may stand before the end.
  pollfd watched{socket.native_handle(), POLLRDHUP, 0};
  return ::poll(&watched, 1, 0) > 0 &&
         (watched.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace

struct ClientWatch::State {
  State(boost::asio::ip::tcp::socket& watched, std::stop_source source)
      : socket(&watched), stop(std::move(source)), timer(watched.get_executor()) {}

  boost::asio::ip::tcp::socket* socket;  ///< null once the watch has ended
  std::stop_source stop;
  boost::asio::steady_timer timer;
};

ClientWatch::ClientWatch(boost::asio::ip::tcp::socket& socket, std::stop_source stop)
    : state_(std::make_shared<State>(socket, std::move(stop))) {
  wait(state_);
}

ClientWatch::~ClientWatch() {
  state_->socket = nullptr;
  state_->timer.cancel();
}

void ClientWatch::wait(const std::shared_ptr<State>& state) {
  state->timer.expires_after(kInterval);
  state->timer.async_wait([state](const boost::system::error_code& error) {
    if (error || state->socket == nullptr) return;
    if (has_hung_up(*state->socket)) {
      state->stop.request_stop();
    } else {
      wait(state);
    }
  });
}

}  // namespace ticklake::gateway
