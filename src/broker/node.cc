#include "broker/node.h"

#include <algorithm>
#include <utility>

#include "broker/broker_configs.h"

namespace ticklake::broker {
namespace {

constexpr std::chrono::milliseconds kTick{200};
/// Kafka leaves what acks=1 wrote to the system; a bound on it keeps recovery short.
constexpr int kTicksPerBackgroundSync = 25;
constexpr int kTicksPerCheckpoint = 300;
/// Between two slices of compaction; slices and pauses bound it to some tens of MiB a second.
constexpr std::chrono::milliseconds kCleaningPause{10};
constexpr std::chrono::seconds kRefusalsPause{1};
constexpr std::string_view kProducerIdsFile = "producer-ids";
constexpr std::string_view kAclsFile = "acls";

}  // namespace

Node::Node(NodeOptions options, base::FileSystem& files, const base::Clock& clock,
           base::Random random, std::shared_ptr<base::Logger> logger, EventLoop& loop)
    : options_(std::move(options)),
      files_(files),
      clock_(clock),
      random_(random),
      logger_(std::move(logger)),
      loop_(loop),
      producer_ids_(files_, options_.folder / kProducerIdsFile) {}

base::Result<std::unique_ptr<Node>> Node::open(NodeOptions options, base::FileSystem& files,
                                               const base::Clock& clock, base::Random random,
                                               std::shared_ptr<base::Logger> logger,
                                               EventLoop& loop) {
  std::unique_ptr<Node> node(
      new Node(std::move(options), files, clock, random, std::move(logger), loop));
  TICKLAKE_TRY(node->open_parts());
  return node;
}

base::Result<void> Node::open_parts() {
  TICKLAKE_TRY(files_.make_folders(options_.folder));
  TICKLAKE_ASSIGN(logs_,
                  LogFolder::open(files_, options_.folder,
                                  {options_.topic_defaults, options_.producer_expiration.count()},
                                  random_, *logger_));
  const auto post = [this](std::function<void()> later) { loop_.post(std::move(later)); };
  offsets_topic_ =
      std::make_unique<CoordinatorTopic>(kOffsetsTopic, *logs_, clock_, *logger_, post);
  transactions_topic_ =
      std::make_unique<CoordinatorTopic>(kTransactionsTopic, *logs_, clock_, *logger_, post);
  markers_ = std::make_unique<PartitionMarkers>(clock_, *logger_);
  topics_ = std::make_unique<LogTopics>(*logs_);
  groups_ = std::make_unique<GroupCoordinator>(
      options_.groups, clock_, base::Random(random_.next()), *offsets_topic_, *topics_, logger_);
  transactions_ = std::make_unique<TxnCoordinator>(
      options_.transactions, logs_->leader_epoch(), clock_, *transactions_topic_, *markers_,
      [this] { return producer_ids_.next(); }, logger_);
  broker_ = std::make_unique<Broker>(options_.broker, *logs_, producer_ids_, *groups_,
                                     *transactions_, clock_, *logger_);
  broker_->set_configs(configs_of(options_));
  offsets_topic_->attach(*broker_);
  transactions_topic_->attach(*broker_);
  markers_->attach(*broker_);
  if (options_.authorization) {
    TICKLAKE_ASSIGN(authorizer_, Authorizer::open(*options_.authorization, files_,
                                                  options_.folder / kAclsFile, clock_, *logger_));
  }
  cleaner_ = std::make_unique<Cleaner>(*logs_, clock_, *logger_, options_.cleaner);
  TICKLAKE_TRY(open_security());
  TICKLAKE_TRY(groups_->recover());
  return transactions_->recover();
}

void Node::start() { arm_tick(); }

base::Result<void> Node::open_security() {
  CredentialStore& credentials = broker_->credentials();
  TICKLAKE_TRY(credentials.open(files_, options_.folder));
  TICKLAKE_TRY(broker_->quotas().open(files_, options_.folder));
  for (const auto& [user, password] : options_.unlisted_users) {
    CredentialStore::OfUser keys;
    for (const auto mechanism : {kafka::ScramMechanism::kSha512, kafka::ScramMechanism::kSha256})
      keys.emplace(mechanism, make_credential(mechanism, password, options_.secret_random));
    credentials.set_unlisted(user, std::move(keys));
  }
  const auto beside = [this](EventLoop::Task work, EventLoop::Task done) {
    loop_.run_beside(EventLoop::Lane::kPasswords, std::move(work), std::move(done));
  };
  const auto later = [this](std::chrono::milliseconds delay, EventLoop::Task task) {
    run_later(delay, std::move(task));
  };
  share_ = std::unique_ptr<ConnectionShare>(
      new ConnectionShare{*broker_, options_.limits, authorizer_.get(),
                          AuthenticationShare{options_.authentication, credentials,
                                              options_.secret_random, beside, later, *logger_},
                          [this] { turn(); }, InputMemory(options_.limits.request_memory_max),
                          MemoryBudget(options_.limits.output_memory_max)});
  return {};
}

void Node::run_later(std::chrono::milliseconds delay, EventLoop::Task task) {
  delayed_.emplace(clock_.monotonic_now() + delay, std::move(task));
  arm_deadline();
}

void Node::run_delayed() {
  const base::MonotonicTime now = clock_.monotonic_now();
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const auto task = std::move(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    task();
  }
}

void Node::accept(std::unique_ptr<Transport> transport, const Listener& listener) {
  if (stopped_) return;
  const std::string client = "/" + transport->client_host();
  const auto same = share_->connections_by_address.find(client);
  if (share_->connections >= options_.limits.connections_max) {
    return refuse(client, "there are as many as may be");
  }
  if (same != share_->connections_by_address.end() &&
      same->second >= options_.limits.connections_per_address_max) {
    return refuse(client, "there are as many from its address as may be");
  }
  const auto connection = std::make_shared<Connection>(std::move(transport), listener, *share_);
  connections_.push_back(connection);
  connection->start();
}

void Node::refuse(const std::string& client, std::string_view reason) {
  ++refused_;
  const base::MonotonicTime now = clock_.monotonic_now();
  if (refusal_said_at_ != base::MonotonicTime{} && now - refusal_said_at_ < kRefusalsPause) return;
  logger_->warn("{} connections refused, the last from {}: {}", refused_, client, reason);
  refused_ = 0;
  refusal_said_at_ = now;
}

/// What has to follow whenever something may have changed.
void Node::turn() {
  start_syncs();
  share_->input.budget.serve();
  share_->output.serve();
  arm_deadline();
}

/// One round of fsync at a time: what is appended meanwhile waits for the next, and shares it.
void Node::start_syncs() {
  if (is_syncing_) return;
  auto jobs = broker_->take_sync_jobs();
  if (jobs.empty()) return;
  is_syncing_ = true;
  struct Round {
    std::vector<Broker::SyncJob> jobs;
    std::vector<base::Result<void>> outcomes;
  };
  const auto round = std::make_shared<Round>(Round{std::move(jobs), {}});
  loop_.run_beside(
      EventLoop::Lane::kSync,
      [&files = files_, round] {
        for (const auto& job : round->jobs)
          round->outcomes.push_back(job.work.run(files));
      },
      [this, round] {
        is_syncing_ = false;
        for (size_t i = 0; i < round->jobs.size(); ++i) {
          const Broker::SyncJob& job = round->jobs[i];
          broker_->sync_done(job.log, job.work.end_offset, round->outcomes[i]);
        }
        if (stopped_) return stop_if_idle();
        turn();
      });
}

void Node::arm_deadline() {
  auto deadline = broker_->next_deadline();
  for (const auto& other : {groups_->next_deadline(), transactions_->next_deadline()}) {
    if (other) deadline = deadline ? std::min(*deadline, *other) : *other;
  }
  if (!delayed_.empty()) {
    const auto next = delayed_.begin()->first;
    deadline = deadline ? std::min(*deadline, next) : next;
  }
  if (!deadline || deadline == armed_for_) return;
  armed_for_ = deadline;
  loop_.arm(EventLoop::Timer::kDeadline, *deadline, [this] {
    armed_for_.reset();
    broker_->run_due();
    groups_->run_due();
    transactions_->run_due();
    run_delayed();
    turn();
  });
}

void Node::arm_tick() {
  loop_.arm(EventLoop::Timer::kTick, clock_.monotonic_now() + kTick, [this] {
    if (stopped_) return;
    tick();
    arm_tick();
  });
}

/// Once in so many ticks as cover the interval.
bool Node::is_due(std::chrono::milliseconds interval) const {
  const int64_t ticks =
      std::max<int64_t>((interval + kTick - std::chrono::milliseconds{1}) / kTick, 1);
  return ticks_ % ticks == 0;
}

void Node::tick() {
  ++ticks_;
  if (ticks_ % kTicksPerBackgroundSync == 0) broker_->sync_everything();
  broker_->sync_flush_due();
  if (ticks_ % kTicksPerCheckpoint == 0) {
    if (const auto written = logs_->write_checkpoints(); !written) {
      logger_->warn("{}", base::to_line(written.error()));
    }
  }
  if (broker_->take_retention_request() || is_due(options_.retention_check)) {
    logs_->apply_retention(base::to_unix_ms(clock_.wall_now()));
  }
  if (options_.has_cleaner && is_due(options_.cleaner_pause) && !is_cleaning_) clean();
  look_after_connections();
  refresh_stats();
  turn();
}

void Node::look_after_connections() {
  const base::MonotonicTime now = clock_.monotonic_now();
  for (const auto& connection : connections_)
    connection->look_after(now);
  std::erase_if(connections_, [](const auto& connection) { return connection->is_closed(); });
}

void Node::refresh_stats() {
  uint64_t partitions = 0;
  for (const auto& [name, topic] : logs_->topics())
    partitions += topic->partitions.size();
  topic_count_ = logs_->topics().size();
  partition_count_ = partitions;
  records_in_ = broker_->records_in;
  bytes_in_ = broker_->bytes_in;
  connection_count_ = share_->connections;
}

void Node::clean() {
  is_cleaning_ = !stopped_;
  if (!is_cleaning_) return;
  switch (cleaner_->run_slice()) {
    case Cleaner::Next::kIdle: is_cleaning_ = false; return;
    case Cleaner::Next::kMore:
      loop_.arm(EventLoop::Timer::kCleaning, clock_.monotonic_now() + kCleaningPause,
                [this] { clean(); });
      return;
    case Cleaner::Next::kSync: break;
  }
  is_cleaner_syncing_ = true;
  const auto outcome = std::make_shared<base::Result<void>>();
  loop_.run_beside(
      EventLoop::Lane::kCleanerSync,
      [&files = files_, work = cleaner_->take_sync_work(), outcome] { *outcome = work.run(files); },
      [this, outcome] {
        is_cleaner_syncing_ = false;
        cleaner_->synced(*outcome);
        if (stopped_) return stop_if_idle();
        clean();
      });
}

void Node::begin_stop(std::function<void()> stopped) {
  stopped_ = std::move(stopped);
  for (const auto& connection : connections_)
    connection->close();
  // A round of syncs that is under way ends first; its answers have nowhere to go.
  stop_if_idle();
}

void Node::stop_if_idle() {
  if (!is_syncing_ && !is_cleaner_syncing_) stopped_();
}

base::Result<void> Node::close() {
  cleaner_.reset();
  return logs_->close();
}

void Node::drop_replies() {
  transactions_.reset();
  groups_.reset();
  broker_.reset();
}

NodeStats Node::stats() const {
  return {topic_count_, partition_count_, records_in_, bytes_in_, connection_count_};
}

}  // namespace ticklake::broker
