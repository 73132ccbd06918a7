#include "gateway/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "gateway/connection.h"

namespace ticklake::gateway {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

/// Before the next try when accept fails for want of descriptors.
constexpr std::chrono::milliseconds kAcceptPause{50};

base::Result<tcp::endpoint> resolve(net::io_context& io, const base::Endpoint& listen) {
  boost::system::error_code error;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(listen.host, std::to_string(listen.port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "cannot listen on " + listen.text(),
                      error.message(), "an address of this machine, such as 127.0.0.1:8080");
  }
  return found.begin()->endpoint();
}

}  // namespace

class Server::Impl {
 public:
  Impl(Options options, query::QueryEngine& engine, const TickStream& ticks, StatusCallback status,
       const base::Clock& clock, base::Logger& logger)
      : context_(std::move(options), engine, ticks, std::move(status), clock, logger),
        pool_(context_.options.query_threads),
        shared_(context_, pool_),
        acceptor_(io_) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { end(); }

  base::Result<void> listen() {
    const base::Endpoint& wanted = context_.options.listen;
    TICKLAKE_ASSIGN(const tcp::endpoint endpoint, resolve(io_, wanted));
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error) {
      base::Error failure = base::os_error(error.value(), "cannot listen on " + wanted.text());
      if (error == net::error::address_in_use) {
        failure.code = base::ErrorCode::kUnavailable;
        failure.advice = "stop what listens there, or choose a port: --http-listen 127.0.0.1:8081";
      }
      return base::fail(std::move(failure));
    }
    return {};
  }

  base::Endpoint address() const {
    boost::system::error_code ignored;  // an open acceptor has an address
    const tcp::endpoint endpoint = acceptor_.local_endpoint(ignored);
    return {endpoint.address().to_string(), endpoint.port()};
  }

  void run(std::stop_token stop) {
    const std::stop_callback on_stop(stop, [this] {
      net::post(io_, [this] {
        for (std::stop_source* query : shared_.queries)
          query->request_stop();
        io_.stop();
      });
    });
    net::co_spawn(io_, accept(), net::detached);
    io_.run();
    end();
  }

 private:
  net::awaitable<void> accept() {
    while (true) {
      boost::system::error_code error;
      tcp::socket socket =
          co_await acceptor_.async_accept(net::redirect_error(net::use_awaitable, error));
      if (error == net::error::operation_aborted) co_return;
      if (error) {
        net::steady_timer pause(io_, kAcceptPause);
        co_await pause.async_wait(net::redirect_error(net::use_awaitable, error));
      } else if (is_too_far(socket)) {
        // Closed without a word: it may not know more of us than that nobody answers.
      } else if (shared_.connections >= context_.options.connections_max) {
        net::co_spawn(io_, refuse_connection(std::move(socket)), net::detached);
      } else {
        net::co_spawn(io_, serve_connection(std::move(socket), shared_), net::detached);
      }
    }
  }

  bool is_too_far(const tcp::socket& socket) const {
    const auto& only_loopback = context_.options.is_for_loopback_only;
    if (!only_loopback || !only_loopback()) return false;
    boost::system::error_code error;
    const tcp::endpoint client = socket.remote_endpoint(error);
    return error || !client.address().is_loopback();
  }

  /// Queries still speak of their connections: they end before the connections are taken down.
  void end() { pool_.join(); }

  Context context_;
  net::thread_pool pool_;
  Shared shared_;
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> work_{io_.get_executor()};
  tcp::acceptor acceptor_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::start(Options options, query::QueryEngine& engine,
                                                    const TickStream& ticks, StatusCallback status,
                                                    const base::Clock& clock,
                                                    base::Logger& logger) {
  auto impl =
      std::make_unique<Impl>(std::move(options), engine, ticks, std::move(status), clock, logger);
  TICKLAKE_TRY(impl->listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

base::Endpoint Server::address() const { return impl_->address(); }
void Server::run(std::stop_token stop) { impl_->run(std::move(stop)); }

}  // namespace ticklake::gateway
