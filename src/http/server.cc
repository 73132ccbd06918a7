#include "http/server.h"

#include <algorithm>
#include <csignal>
#include <list>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "http/loop.h"

namespace ticklake::http {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using ErrorCode = boost::system::error_code;

/// Before the next try when accept fails for want of descriptors.
constexpr std::chrono::milliseconds kAcceptPause{50};
constexpr std::chrono::seconds kCertificatePause{10};
/// Clients beyond the limit who are told so at the same time; others are closed without a word.
constexpr size_t kRefusalsMax = 64;

base::Result<tcp::endpoint> resolve(net::io_context& io, const Listener& listener) {
  ErrorCode error;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(listener.address.host, std::to_string(listener.address.port),
                                      tcp::resolver::passive, error);
  if (!error && !found.empty()) return found.begin()->endpoint();
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "cannot listen on " + listener.address.text(), error.message(),
                    "an address of this machine, such as 127.0.0.1:8080");
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, base::FileSystem& files, const base::Clock& clock,
       base::Logger& logger)
      : options_(options), files_(files), logger_(logger), pool_(options.blocking_threads) {
    for (size_t i = 0; i < std::max<size_t>(options.io_threads, 1); ++i)
      loops_.push_back(std::make_unique<Loop>(clock, logger, pool_));
  }

  base::Result<base::Endpoint> listen(Listener listener, Site site);
  void run(std::stop_token stop);

 private:
  struct Door {
    Door(net::io_context& io, Site a_site) : site(std::move(a_site)), pause(io) {}

    Site site;
    std::optional<base::TlsCertificates> certificates;
    std::atomic<size_t> size = 0;  ///< connections, those that are refused among them
    std::list<tcp::acceptor> acceptors;
    net::steady_timer pause;
  };

  net::io_context& first() { return loops_.front()->io(); }
  base::Result<base::Endpoint> bind(Door& door, const tcp::endpoint& endpoint,
                                    const Listener& listener);
  void accept(Door& door, tcp::acceptor& acceptor);
  void pause(Door& door, tcp::acceptor& acceptor);
  void let_in(Door& door, Loop& loop, tcp::socket socket);
  void arm_refresh();
  void stop();

  const ServerOptions options_;
  base::FileSystem& files_;
  base::Logger& logger_;
  net::thread_pool pool_;
  std::vector<std::unique_ptr<Loop>> loops_;  ///< the first one also lets clients in
  std::list<Door> doors_;
  std::optional<net::steady_timer> refresh_;
  bool is_stopping_ = false;
};

base::Result<base::Endpoint> Server::Impl::listen(Listener listener, Site site) {
  Door& door = doors_.emplace_back(first(), std::move(site));
  if (listener.tls) {
    TICKLAKE_ASSIGN(door.certificates, base::TlsCertificates::load(*listener.tls, files_));
  }
  if (listener.address.host != "localhost") {
    TICKLAKE_ASSIGN(const tcp::endpoint endpoint, resolve(first(), listener));
    return bind(door, endpoint, listener);
  }
  const tcp::endpoint v4{net::ip::address_v4::loopback(), listener.address.port};
  TICKLAKE_ASSIGN(base::Endpoint bound, bind(door, v4, listener));
  // A machine without IPv6 is reached by IPv4 alone.
  const tcp::endpoint v6{net::ip::address_v6::loopback(), bound.port};
  if (const auto second = bind(door, v6, listener); !second)
    logger_.debug("{}", base::to_line(second.error()));
  bound.host = listener.address.host;
  return bound;
}

base::Result<base::Endpoint> Server::Impl::bind(Door& door, const tcp::endpoint& endpoint,
                                                const Listener& listener) {
  ErrorCode error;
  tcp::acceptor acceptor(first());
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    base::Error failure =
        base::os_error(error.value(), "cannot listen on " + listener.address.text());
    failure.advice = listener.advice;
    if (error == net::error::address_in_use) failure.code = base::ErrorCode::kUnavailable;
    return base::fail(std::move(failure));
  }
  const tcp::endpoint bound = acceptor.local_endpoint(error);
  door.acceptors.push_back(std::move(acceptor));
  return base::Endpoint{bound.address().to_string(), bound.port()};
}

void Server::Impl::accept(Door& door, tcp::acceptor& acceptor) {
  const auto least =
      std::ranges::min_element(loops_, {}, [](const auto& loop) { return loop->size().load(); });
  Loop& loop = **least;
  acceptor.async_accept(loop.io(),
                        [this, &door, &acceptor, &loop](ErrorCode error, tcp::socket socket) {
                          if (is_stopping_) return;
                          if (error && error != net::error::connection_aborted) {
                            logger_.warn("cannot accept a connection: {}", error.message());
                            return pause(door, acceptor);
                          }
                          if (!error) let_in(door, loop, std::move(socket));
                          accept(door, acceptor);
                        });
}

void Server::Impl::pause(Door& door, tcp::acceptor& acceptor) {
  door.pause.expires_after(kAcceptPause);
  door.pause.async_wait([this, &door, &acceptor](ErrorCode) {
    if (!is_stopping_) accept(door, acceptor);
  });
}

void Server::Impl::let_in(Door& door, Loop& loop, tcp::socket socket) {
  const size_t connections_max = door.site.limits.connections_max;
  const bool is_refused = door.size >= connections_max;
  // Nobody is told over TLS: a handshake costs more than an answer.
  if (is_refused && (door.certificates || door.size >= connections_max + kRefusalsMax)) return;
  ++door.size;
  ++loop.size();
  std::optional<base::TlsContext> context;
  if (door.certificates) context = door.certificates->identifying();
  auto serve = [&door, &loop, is_refused, context = std::move(context),
                socket = std::move(socket)]() mutable {
    loop.serve(std::move(socket), door.site, std::move(context), door.size, is_refused);
  };
  if (&loop == loops_.front().get()) return serve();
  net::post(loop.io(), std::move(serve));
}

void Server::Impl::arm_refresh() {
  refresh_->expires_after(kCertificatePause);
  refresh_->async_wait([this](ErrorCode) {
    if (is_stopping_) return;
    for (Door& door : doors_) {
      if (!door.certificates) continue;
      if (const auto changed = door.certificates->refresh(); !changed) {
        logger_.warn("the TLS certificate stays as it was: {}", base::to_line(changed.error()));
      } else if (*changed) {
        logger_.info("the TLS certificate was read again, for new connections");
      }
    }
    arm_refresh();
  });
}

void Server::Impl::stop() {
  is_stopping_ = true;
  ErrorCode ignored;  // they are closed either way
  for (Door& door : doors_) {
    door.pause.cancel();
    for (tcp::acceptor& acceptor : door.acceptors)
      acceptor.close(ignored);
  }
  if (refresh_) refresh_->cancel();
  for (const auto& loop : loops_)
    net::post(loop->io(), [this, &loop = *loop] { loop.stop(options_.stop_time_max); });
}

void Server::Impl::run(std::stop_token stop_token) {
  // A client that is gone is an error of that write; sendfile(2) has no flag that says so.
  std::signal(SIGPIPE, SIG_IGN);
  for (Door& door : doors_) {
    for (tcp::acceptor& acceptor : door.acceptors)
      accept(door, acceptor);
  }
  if (std::ranges::any_of(doors_, [](const Door& door) { return door.certificates.has_value(); })) {
    refresh_.emplace(first());
    arm_refresh();
  }
  const std::stop_callback on_stop(std::move(stop_token),
                                   [this] { net::post(first(), [this] { stop(); }); });
  std::vector<std::jthread> threads;
  for (size_t i = 1; i < loops_.size(); ++i)
    threads.emplace_back([&loop = *loops_[i]] { loop.run(); });
  loops_.front()->run();
  threads.clear();
  pool_.join();
}

Server::Server(ServerOptions options, base::FileSystem& files, const base::Clock& clock,
               base::Logger& logger)
    : impl_(std::make_unique<Impl>(options, files, clock, logger)) {}
Server::~Server() = default;

base::Result<base::Endpoint> Server::listen(Listener listener, Site site) {
  return impl_->listen(std::move(listener), std::move(site));
}
void Server::run(std::stop_token stop) { impl_->run(std::move(stop)); }

}  // namespace ticklake::http
