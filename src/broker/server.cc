#include "broker/server.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/open_files_limit.h"
#include "broker/tcp_transport.h"
#include "broker/tls_transport.h"

namespace ticklake::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

tl::unexpected<base::Error> cannot_listen(const base::Endpoint& endpoint,
                                          const boost::system::error_code& why) {
  const bool is_in_use = why == asio::error::address_in_use;
  return base::fail(is_in_use ? base::ErrorCode::kAlreadyExists : base::ErrorCode::kIo,
                    "cannot listen on " + endpoint.text(),
                    is_in_use ? "address in use" : why.message(),
                    is_in_use ? "stop what listens there (another ticklake?), or choose another "
                                "port with --kafka-listen"
                              : "--kafka-listen 127.0.0.1:9092");
}

constexpr size_t kWireRoomBytes = 64 * 1024;
constexpr std::chrono::seconds kRefreshPause{10};

}  // namespace

struct Server::State final : EventLoop {
  State(std::vector<Listener> listen_on, std::shared_ptr<base::Logger> a_logger)
      : listeners(std::move(listen_on)), logger(std::move(a_logger)) {}

  void post(Task task) override { asio::post(loop, std::move(task)); }
  void arm(Timer timer, base::MonotonicTime moment, Task task) override;
  void run_beside(Lane lane, Task work, Task done) override;

  /// A socket that waits for clients; "localhost" has two.
  struct Door {
    tcp::acceptor acceptor;
    const Listener& listener;
  };

  base::Result<void> listen(Listener& listener);
  base::Result<void> listen_on(const tcp::endpoint& endpoint, Listener& listener);
  void accept(Door& door);
  void welcome(tcp::socket socket, const Listener& listener);
  void turn_away(Door& door);
  void arm_refresh();
  void begin_stop();
  void join_lanes();

  std::vector<Listener> listeners;
  std::shared_ptr<base::Logger> logger;
  std::unique_ptr<Node> node;

  // The loop goes before the node at the end: what still waits in it holds connections, which tell
  // their share that they are gone.
  asio::io_context loop{1};
  asio::thread_pool disk{1};
  /// A compacted segment's fsync may take long; nobody who waits for an acknowledgement should wait
  /// for that.
  asio::thread_pool cleaner_disk{1};
  /// Hashing a password takes milliseconds, on purpose.
  asio::thread_pool passwords{1};
  std::vector<std::unique_ptr<Door>> doors;
  std::array<asio::steady_timer, 3> timers{asio::steady_timer(loop), asio::steady_timer(loop),
                                           asio::steady_timer(loop)};
  std::optional<base::TlsCertificates> certificates;
  asio::steady_timer refresh{loop};
  /// What clients send over TLS stands here until it is decrypted.
  std::vector<std::byte> wire_room = std::vector<std::byte>(kWireRoomBytes);
  /// Given up to take a client off the queue when there is no other descriptor, to turn him away.
  tcp::socket spare{loop};
  bool is_stopping = false;
};

void Server::State::arm(Timer timer, base::MonotonicTime moment, Task task) {
  asio::steady_timer& armed = timers[static_cast<size_t>(timer)];
  armed.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(moment));
  armed.async_wait([task = std::move(task)](boost::system::error_code failed) {
    if (!failed) task();  // else it was armed for another moment
  });
}

void Server::State::run_beside(Lane lane, Task work, Task done) {
  asio::post(lane == Lane::kSync          ? disk
             : lane == Lane::kCleanerSync ? cleaner_disk
                                          : passwords,
             [this, work = std::move(work), done = std::move(done)]() mutable {
               work();
               asio::post(loop, std::move(done));
             });
}

base::Result<void> Server::State::listen(Listener& listener) {
  boost::system::error_code failed;
  const base::Endpoint asked = listener.address;
  if (asked.host == "localhost") {
    TICKLAKE_TRY(listen_on({asio::ip::address_v4::loopback(), asked.port}, listener));
    // A machine without IPv6 is reached by IPv4 alone.
    const tcp::endpoint second{asio::ip::address_v6::loopback(), listener.address.port};
    if (const auto outcome = listen_on(second, listener); !outcome) {
      logger->debug("{}", base::to_line(outcome.error()));
    }
    return {};
  }
  const auto host = asio::ip::make_address(asked.host, failed);
  if (failed) {
    return base::fail(base::ErrorCode::kInvalidArgument, "cannot listen on " + asked.text(),
                      "'" + asked.host + "' is no address of this machine",
                      "--kafka-listen 127.0.0.1:9092");
  }
  if (!host.is_loopback() && listener.protocol == SecurityProtocol::kPlaintext) {
    logger->warn("{} is not loopback: whoever reaches it can read and write every topic",
                 asked.text());
  }
  return listen_on({host, asked.port}, listener);
}

base::Result<void> Server::State::listen_on(const tcp::endpoint& endpoint, Listener& listener) {
  const base::Endpoint asked{endpoint.address().to_string(), endpoint.port()};
  boost::system::error_code failed;
  tcp::acceptor acceptor(loop);
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return cannot_listen(asked, failed);
  listener.address.port = acceptor.local_endpoint().port();
  doors.push_back(std::make_unique<Door>(Door{std::move(acceptor), listener}));
  return {};
}

void Server::State::accept(Door& door) {
  door.acceptor.async_accept([this, &door](boost::system::error_code failed, tcp::socket socket) {
    if (is_stopping) return;
    if (failed == asio::error::no_descriptors) {
      turn_away(door);
    } else if (failed) {
      logger->warn("cannot accept a connection: {}", failed.message());
    } else {
      welcome(std::move(socket), door.listener);
    }
    accept(door);
  });
}

void Server::State::welcome(tcp::socket socket, const Listener& listener) {
  auto transport = make_tcp_transport(std::move(socket));
  if (!transport) return;
  if (!listener.uses_tls()) return node->accept(std::move(*transport), listener);
  // Clients of SASL_SSL say who they are by SASL, as with Kafka.
  const base::TlsContext& context =
      listener.uses_sasl() ? certificates->anonymous() : certificates->identifying();
  node->accept(make_tls_transport(
                   std::move(*transport), context, [this] { return std::span(wire_room); },
                   [this](Task task) { post(std::move(task)); }),
               listener);
}

/// Else the client would stay in the queue, and accept() would fail for ever without a pause.
void Server::State::turn_away(Door& door) {
  boost::system::error_code ignored;
  spare.close(ignored);
  tcp::socket client(loop);
  door.acceptor.non_blocking(true, ignored);
  door.acceptor.accept(client, ignored);
  client.close(ignored);
  spare.open(tcp::v4(), ignored);
  node->refuse("one", "this process may have no more descriptors");
}

void Server::State::arm_refresh() {
  refresh.expires_after(kRefreshPause);
  refresh.async_wait([this](boost::system::error_code failed) {
    if (failed || is_stopping) return;
    if (const auto changed = certificates->refresh(); !changed) {
      logger->warn("the TLS certificate stays as it was: {}", base::to_line(changed.error()));
    } else if (*changed) {
      logger->info("the TLS certificate was read again, for new connections");
    }
    arm_refresh();
  });
}

void Server::State::begin_stop() {
  is_stopping = true;
  refresh.cancel();
  for (const auto& door : doors)
    door->acceptor.close();
  node->begin_stop([this] { loop.stop(); });
}

void Server::State::join_lanes() {
  disk.join();
  cleaner_disk.join();
  passwords.join();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  state_->join_lanes();
  state_->node->drop_replies();
}

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, base::FileSystem& files,
                                                    const base::Clock& clock, base::Random random,
                                                    std::shared_ptr<base::Logger> logger) {
  // A client that is gone is an error of that write; sendfile(2) has no flag that says so.
  std::signal(SIGPIPE, SIG_IGN);
  // Clients leave room for the files: one for each partition that is written to, and OpenFiles'.
  ConnectionLimits& limits = options.node.limits;
  limits.connections_max = std::min(limits.connections_max, base::raise_open_files_limit() / 2);
  auto state = std::make_unique<State>(std::move(options.listeners), logger);
  if (std::ranges::any_of(state->listeners, &Listener::uses_tls)) {
    TICKLAKE_ASSIGN(state->certificates,
                    base::TlsCertificates::load(std::move(options.tls), files));
  }
  for (Listener& listener : state->listeners)
    TICKLAKE_TRY(state->listen(listener));
  TICKLAKE_ASSIGN(state->node, Node::open(std::move(options.node), files, clock, random,
                                          std::move(logger), *state));
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

const std::vector<Listener>& Server::listeners() const { return state_->listeners; }

base::Result<void> Server::run(std::stop_token stop) {
  for (const auto& door : state_->doors)
    state_->accept(*door);
  boost::system::error_code ignored;
  state_->spare.open(tcp::v4(), ignored);
  if (state_->certificates) state_->arm_refresh();
  state_->node->start();
  const std::stop_callback on_stop(
      stop, [this] { asio::post(state_->loop, [this] { state_->begin_stop(); }); });
  state_->loop.run();
  state_->join_lanes();
  return state_->node->close();
}

NodeStats Server::stats() const { return state_->node->stats(); }

}  // namespace ticklake::broker
