#include "broker/server.h"

#include <algorithm>
#include <atomic>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "broker/coordinator_topic.h"
#include "broker/log/cleaner.h"
#include "broker/partition_markers.h"

namespace ticklake::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds kTick{200};
/// Kafka leaves what acks=1 wrote to the system; a bound on it keeps recovery short.
constexpr int kTicksPerBackgroundSync = 25;
constexpr int kTicksPerCheckpoint = 300;
constexpr int kTicksPerRetention = 1500;
constexpr int kTicksPerCleaning = 5;
/// Between two slices of compaction; slices and pauses bound it to some tens of MiB a second.
constexpr std::chrono::milliseconds kCleaningPause{10};
constexpr std::string_view kProducerIdsFile = "producer-ids";

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

base::Result<void> run_sync(base::FileSystem& files, const PartitionLog::SyncWork& work) {
  for (const auto& file : work.files)
    TICKLAKE_TRY(file->sync_data());
  if (work.folder) TICKLAKE_TRY(files.sync_folder(*work.folder));
  return {};
}

}  // namespace

struct Server::State {
  State(ServerOptions server_options, base::FileSystem& file_system, const base::Clock& a_clock,
        base::Random seed, std::shared_ptr<base::Logger> a_logger)
      : options(std::move(server_options)),
        files(file_system),
        clock(a_clock),
        random(seed),
        logger(std::move(a_logger)),
        producer_ids(files, options.folder / kProducerIdsFile) {}

  base::Result<void> open();
  base::Result<void> listen();
  base::Result<void> listen_on(const tcp::endpoint& endpoint);
  void accept(tcp::acceptor& acceptor);
  void turn();
  void start_syncs();
  void arm_timer();
  void tick();
  void clean();
  void begin_stop();

  ServerOptions options;
  base::FileSystem& files;
  const base::Clock& clock;
  base::Random random;
  std::shared_ptr<base::Logger> logger;

  base::Endpoint address;

  std::unique_ptr<LogFolder> logs;
  ProducerIds producer_ids;
  std::unique_ptr<CoordinatorTopic> offsets_topic;
  std::unique_ptr<CoordinatorTopic> transactions_topic;
  std::unique_ptr<PartitionMarkers> markers;
  std::unique_ptr<GroupCoordinator> groups;
  std::unique_ptr<TxnCoordinator> transactions;
  std::unique_ptr<Broker> broker;
  std::unique_ptr<Cleaner> cleaner;
  std::unique_ptr<ConnectionShare> share;
  std::vector<std::weak_ptr<Connection>> connections;

  // The loop goes first at the end: what still waits in it holds connections, which tell their
  // share that they are gone.
  asio::io_context loop{1};
  asio::thread_pool disk{1};
  /// A compacted segment's fsync may take long; nobody who waits for an acknowledgement should wait
  /// for that.
  asio::thread_pool cleaner_disk{1};
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors;

  asio::steady_timer deadline_timer{loop};
  std::optional<base::MonotonicTime> armed_for;
  asio::steady_timer tick_timer{loop};
  asio::steady_timer cleaner_timer{loop};
  int ticks = 0;
  bool is_syncing = false;
  bool is_cleaning = false;  ///< between two slices
  bool is_cleaner_syncing = false;
  bool is_stopping = false;

  std::atomic<uint64_t> topic_count{0}, partition_count{0}, records_in{0}, bytes_in{0},
      connection_count{0};
};

base::Result<void> Server::State::open() {
  TICKLAKE_TRY(files.make_folders(options.folder));
  TICKLAKE_ASSIGN(logs, LogFolder::open(files, options.folder, LogSettings{}, random, *logger));
  const auto post = [this](std::function<void()> later) { asio::post(loop, later); };
  offsets_topic = std::make_unique<CoordinatorTopic>(kOffsetsTopic, *logs, clock, *logger, post);
  transactions_topic =
      std::make_unique<CoordinatorTopic>(kTransactionsTopic, *logs, clock, *logger, post);
  markers = std::make_unique<PartitionMarkers>(clock, *logger);
  groups = std::make_unique<GroupCoordinator>(options.groups, clock, base::Random(random.next()),
                                              *offsets_topic, logger);
  transactions = std::make_unique<TxnCoordinator>(
      options.transactions, logs->leader_epoch(), clock, *transactions_topic, *markers,
      [this] { return producer_ids.next(); }, logger);
  broker = std::make_unique<Broker>(options.broker, *logs, producer_ids, *groups, *transactions,
                                    clock, *logger);
  offsets_topic->attach(*broker);
  transactions_topic->attach(*broker);
  markers->attach(*broker);
  cleaner = std::make_unique<Cleaner>(*logs, clock, *logger, Cleaner::Settings{});
  share = std::make_unique<ConnectionShare>(
      ConnectionShare{*broker, options.limits, options.advertised, 0, 0, [this] { turn(); }});
  TICKLAKE_TRY(groups->recover());
  return transactions->recover();
}

base::Result<void> Server::State::listen() {
  boost::system::error_code failed;
  address = options.listen;
  if (options.listen.host == "localhost") {
    TICKLAKE_TRY(listen_on({asio::ip::address_v4::loopback(), options.listen.port}));
    // A machine without IPv6 is reached by IPv4 alone.
    if (const auto second = listen_on({asio::ip::address_v6::loopback(), address.port}); !second) {
      logger->debug("{}", base::to_line(second.error()));
    }
    return {};
  }
  const auto host = asio::ip::make_address(options.listen.host, failed);
  if (failed) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "cannot listen on " + options.listen.text(),
                      "'" + options.listen.host + "' is no address of this machine",
                      "--kafka-listen 127.0.0.1:9092");
  }
  if (!host.is_loopback()) {
    logger->warn("{} is not loopback: whoever reaches it can read and write every topic",
                 options.listen.text());
  }
  return listen_on({host, options.listen.port});
}

base::Result<void> Server::State::listen_on(const tcp::endpoint& endpoint) {
  const base::Endpoint asked{endpoint.address().to_string(), endpoint.port()};
  boost::system::error_code failed;
  auto acceptor = std::make_unique<tcp::acceptor>(loop);
  acceptor->open(endpoint.protocol(), failed);
  if (!failed) acceptor->set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor->bind(endpoint, failed);
  if (!failed) acceptor->listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return cannot_listen(asked, failed);
  address.port = acceptor->local_endpoint().port();
  acceptors.push_back(std::move(acceptor));
  return {};
}

void Server::State::accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([this, &acceptor](boost::system::error_code failed, tcp::socket socket) {
    if (is_stopping) return;
    if (failed) {
      logger->warn("cannot accept a connection: {}", failed.message());
    } else if (share->connections >= options.limits.connections_max) {
      logger->warn("a connection was refused: there are {} already", share->connections);
    } else {
      const auto connection = std::make_shared<Connection>(std::move(socket), *share);
      connections.push_back(connection);
      connection->start();
    }
    accept(acceptor);
  });
}

/// What has to follow whenever something may have changed.
void Server::State::turn() {
  start_syncs();
  arm_timer();
}

/// One round of fsync at a time: what is appended meanwhile waits for the next, and shares it.
void Server::State::start_syncs() {
  if (is_syncing) return;
  auto jobs = broker->take_sync_jobs();
  if (jobs.empty()) return;
  is_syncing = true;
  asio::post(disk, [this, jobs = std::move(jobs)] {
    std::vector<base::Result<void>> outcomes;
    outcomes.reserve(jobs.size());
    for (const auto& job : jobs)
      outcomes.push_back(run_sync(files, job.work));
    asio::post(loop, [this, jobs, outcomes = std::move(outcomes)] {
      is_syncing = false;
      for (size_t i = 0; i < jobs.size(); ++i) {
        broker->sync_done(jobs[i].log, jobs[i].work.end_offset, outcomes[i]);
      }
      if (is_stopping) {
        if (!is_cleaner_syncing) loop.stop();
      } else {
        turn();
      }
    });
  });
}

void Server::State::arm_timer() {
  auto deadline = broker->next_deadline();
  for (const auto& other : {groups->next_deadline(), transactions->next_deadline()}) {
    if (other) deadline = deadline ? std::min(*deadline, *other) : *other;
  }
  if (!deadline || deadline == armed_for) return;
  armed_for = deadline;
  deadline_timer.expires_at(
      std::chrono::time_point_cast<std::chrono::steady_clock::duration>(*deadline));
  deadline_timer.async_wait([this](boost::system::error_code failed) {
    if (failed) return;  // armed for another moment
    armed_for.reset();
    broker->run_due();
    groups->run_due();
    transactions->run_due();
    turn();
  });
}

void Server::State::tick() {
  tick_timer.expires_after(kTick);
  tick_timer.async_wait([this](boost::system::error_code failed) {
    if (failed || is_stopping) return;
    ++ticks;
    if (ticks % kTicksPerBackgroundSync == 0) broker->sync_everything();
    broker->sync_flush_due();
    if (ticks % kTicksPerCheckpoint == 0) {
      if (const auto written = logs->write_checkpoints(); !written) {
        logger->warn("{}", base::to_line(written.error()));
      }
    }
    if (broker->take_retention_request() || ticks % kTicksPerRetention == 0) {
      logs->apply_retention(base::to_unix_ms(clock.wall_now()));
    }
    if (ticks % kTicksPerCleaning == 0 && !is_cleaning) clean();
    const auto idle_since = clock.monotonic_now() - options.limits.idle_max;
    std::erase_if(connections, [&](const std::weak_ptr<Connection>& weak) {
      const auto connection = weak.lock();
      if (connection && connection->is_idle_since(idle_since)) connection->close();
      return !connection;
    });
    uint64_t partitions = 0;
    for (const auto& [name, topic] : logs->topics())
      partitions += topic->partitions.size();
    topic_count = logs->topics().size();
    partition_count = partitions;
    records_in = broker->records_in;
    bytes_in = broker->bytes_in;
    connection_count = share->connections;
    turn();
    tick();
  });
}

void Server::State::clean() {
  is_cleaning = !is_stopping;
  if (!is_cleaning) return;
  switch (cleaner->run_slice()) {
    case Cleaner::Next::kIdle: is_cleaning = false; return;
    case Cleaner::Next::kMore:
      cleaner_timer.expires_after(kCleaningPause);
      cleaner_timer.async_wait([this](boost::system::error_code failed) {
        if (!failed) clean();
      });
      return;
    case Cleaner::Next::kSync: break;
  }
  is_cleaner_syncing = true;
  asio::post(cleaner_disk, [this, work = cleaner->take_sync_work()] {
    asio::post(loop, [this, outcome = run_sync(files, work)] {
      is_cleaner_syncing = false;
      cleaner->synced(outcome);
      if (!is_stopping) return clean();
      if (!is_syncing) loop.stop();
    });
  });
}

void Server::State::begin_stop() {
  is_stopping = true;
  for (const auto& acceptor : acceptors)
    acceptor->close();
  for (const auto& weak : connections) {
    if (const auto connection = weak.lock()) connection->close();
  }
  // A round of syncs that is under way ends first; its answers have nowhere to go.
  if (!is_syncing && !is_cleaner_syncing) loop.stop();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  state_->disk.join();
  state_->cleaner_disk.join();
  // Replies that are still owed close their connections, which must be there for it.
  state_->transactions.reset();
  state_->groups.reset();
  state_->broker.reset();
}

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, base::FileSystem& files,
                                                    const base::Clock& clock, base::Random random,
                                                    std::shared_ptr<base::Logger> logger) {
  auto state = std::make_unique<State>(std::move(options), files, clock, random, std::move(logger));
  TICKLAKE_TRY(state->listen());
  TICKLAKE_TRY(state->open());
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

base::Endpoint Server::address() const { return state_->address; }

base::Result<void> Server::run(std::stop_token stop) {
  for (const auto& acceptor : state_->acceptors)
    state_->accept(*acceptor);
  state_->tick();
  const std::stop_callback on_stop(
      stop, [this] { asio::post(state_->loop, [this] { state_->begin_stop(); }); });
  state_->loop.run();
  state_->disk.join();
  state_->cleaner_disk.join();
  state_->cleaner.reset();
  return state_->logs->close();
}

ServerStats Server::stats() const {
  return {state_->topic_count, state_->partition_count, state_->records_in, state_->bytes_in,
          state_->connection_count};
}

}  // namespace ticklake::broker
