// The broker on a machine that is simulated: clock, disk, network, and everything that goes wrong
// with them, from one seed; clients that do what clients do; and a model of what Kafka promises
// (model.h). The same seed gives the same run to the last byte.
//
// usage: broker_simulation FIRST-SEED COUNT [--trace] [--twice] [--plant-lying-sync]
// Prints each seed that breaks a promise, with what led there, and ends with 1 if there was one.
//   --trace             prints all that happens
//   --twice             runs each seed again, and fails unless all happens as it did
//   --plant-lying-sync  a disk that does not keep its word must be found out: ends with 0 if a seed
//                       breaks a promise because of it, and keeps all of them without it
// TICKLAKE_SEED is added to FIRST-SEED, TICKLAKE_SIMULATION_SEEDS takes COUNT's place, and
// TICKLAKE_SIMULATION_SECONDS too, with as many seeds as there is time for.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "administrator.h"
#include "base/assert.h"
#include "broker/node.h"
#include "clients.h"
#include "consumer_member.h"
#include "disk.h"
#include "fleeting_topic.h"
#include "group_member.h"

using namespace ticklake;
using namespace ticklake::sim;
using Owner = Schedule::Owner;

namespace {

struct Options {
  uint64_t first_seed = 1;
  uint64_t count = 1;
  std::chrono::seconds at_least{0};  ///< goes on with further seeds until then
  bool is_tracing = false;
  bool is_run_twice = false;
  bool is_sync_lying = false;  ///< planted: a sync says that it worked
};

constexpr Nanoseconds kFaultsFor = std::chrono::seconds{15};
constexpr Nanoseconds kHealing = std::chrono::seconds{20};
constexpr Nanoseconds kAuditFor = std::chrono::seconds{60};
constexpr size_t kTraceKept = 60;

class World {
 public:
  World(uint64_t seed, const Options& options)
      : options_(options),
        random_(seed),
        schedule_(random_),
        disk_(random_),
        network_(schedule_, random_),
        clients_{schedule_,
                 network_,
                 random_,
                 model_,
                 [this] { return connect(); },
                 [this](const std::string& what) { trace(what); }} {}
  ~World() { end_life(); }

  const Model& run();
  uint64_t trace_hash() const { return trace_hash_; }
  size_t change_count() const { return administrator_.change_count(); }
  const std::vector<std::string>& last_of_trace() const { return trace_; }

 private:
  void trace(const std::string& what);
  std::shared_ptr<Wire> connect();
  void begin_life();
  void end_life();
  void make_topics();
  void start_clients();
  void plan_fault();
  void fault();
  void crash_later();
  void crash();
  void run_until(base::MonotonicTime end);
  void wait_for(const std::function<bool()>& condition, const char* what);
  bool are_clients_done() const;
  std::map<int32_t, int64_t> committed_offsets(Session& session, const std::string& group);
  void audit_offsets(Session& session, const std::string& group, const CommittedOffsets& known);
  void audit();

  Options options_;
  base::Random random_;
  Schedule schedule_;
  Disk disk_;
  Network network_;
  Model model_;
  Surroundings clients_;
  const broker::Listener listener_;
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::unique_ptr<SimulatedLoop> loop_;
  std::unique_ptr<broker::Node> node_;
  std::vector<std::shared_ptr<Wire>> wires_;
  std::vector<std::unique_ptr<ProducerClient>> producers_;
  std::vector<std::unique_ptr<TransactionalClient>> transactional_;
  std::vector<std::unique_ptr<ReaderClient>> readers_;
  DeletingClient deleting_{clients_};
  FleetingTopic fleeting_{clients_};
  GroupKnowledge group_;
  std::vector<std::unique_ptr<GroupMember>> members_;
  ConsumersKnowledge consumers_group_;
  std::vector<std::unique_ptr<ConsumerMember>> consumers_;
  Administrator administrator_{clients_};
  bool is_machine_crash_ = false;
  bool is_healed_ = false;
  std::vector<std::string> trace_;
  uint64_t trace_hash_ = 14695981039346656037u;  // FNV-1a
};

void World::trace(const std::string& what) {
  const std::string line =
      std::to_string(schedule_.now().time_since_epoch().count() / 1000) + " us: " + what;
  for (const char c : line)
    trace_hash_ = (trace_hash_ ^ static_cast<unsigned char>(c)) * 1099511628211u;
  if (options_.is_tracing) std::printf("%s\n", line.c_str());
  trace_.push_back(line);
  if (trace_.size() > kTraceKept) trace_.erase(trace_.begin());
}

std::shared_ptr<Wire> World::connect() {
  if (!node_ || disk_.is_dead()) return nullptr;
  auto wire = std::make_shared<Wire>();
  std::erase_if(wires_, [](const auto& one) { return one->is_cut; });
  wires_.push_back(wire);
  node_->accept(network_.transport(wire), listener_);
  return wire;
}

void World::begin_life() {
  while (!node_) {
    loop_ = std::make_unique<SimulatedLoop>(schedule_);
    broker::NodeOptions options;
    options.folder = "/broker";
    options.groups.consumer_session_timeout = kConsumerSessionTimeout;
    options.authorization.emplace().super_users.insert("User:ANONYMOUS");
    auto opened = broker::Node::open(std::move(options), disk_, schedule_.clock(),
                                     base::Random(random_.next()), logger_, *loop_);
    if (opened) {
      node_ = std::move(*opened);
      node_->start();
    } else if (disk_.is_dead()) {
      trace("died while it recovered");
      crash();
    } else {
      model_.violation("the broker does not start: " + base::to_line(opened.error()));
      return;
    }
  }
  trace("the broker is there");
}

/// Nothing is kept but what is on the disk.
void World::end_life() {
  if (!node_) return;
  disk_.die();
  node_->begin_stop([] {});
  schedule_.drop_broker_tasks();
  node_->drop_replies();
  schedule_.drop_broker_tasks();
  node_.reset();
  schedule_.drop_broker_tasks();
  loop_.reset();
  for (const auto& wire : wires_) {
    wire->read_done = nullptr;
    wire->room = nullptr;
  }
}

void World::crash() {
  end_life();
  const bool is_machine = is_machine_crash_ || disk_.has_failed_sync();
  trace(is_machine ? "the machine restarts" : "the process restarts");
  if (is_machine) {
    disk_.restart_machine();
  } else {
    disk_.restart_process();
  }
  schedule_.drop_broker_tasks();
  // Now and then the next life is short, or even its recovery is not finished.
  is_machine_crash_ = random_.below(2) == 0;
  if (!is_healed_ && random_.below(4) == 0)
    disk_.die_after(1 + static_cast<int>(random_.below(60)));
}

/// In the midst of a call, or between two of them.
void World::crash_later() {
  is_machine_crash_ = is_machine_crash_ || random_.below(2) == 0;
  if (random_.below(2) == 0) {
    disk_.die_after(1 + static_cast<int>(random_.below(40)));
  } else {
    disk_.die();
  }
}

void World::plan_fault() {
  schedule_.after(schedule_.random_delay(Milliseconds{50}, Milliseconds{2000}), Owner::kWorld,
                  [this] {
                    if (is_healed_) return;
                    fault();
                    plan_fault();
                  });
}

void World::fault() {
  switch (random_.below(6)) {
    case 0:
    case 1: trace("a crash is near"); return crash_later();
    case 2: {
      trace("connections are cut");
      const std::vector<std::shared_ptr<Wire>> wires = wires_;
      for (const auto& wire : wires) {
        if (random_.below(2) == 0) network_.cut(wire);
      }
      return;
    }
    case 3:
      trace("the disk is full");
      disk_.set_full(true);
      return schedule_.after(schedule_.random_delay(Milliseconds{1}, Milliseconds{2000}),
                             Owner::kWorld, [this] { disk_.set_full(false); });
    case 4:
      trace("a sync fails");
      disk_.fail_next_sync();
      // The machine of a disk that fails does not live long.
      return schedule_.after(schedule_.random_delay(Milliseconds{1}, Milliseconds{500}),
                             Owner::kWorld, [this] {
                               is_machine_crash_ = true;
                               disk_.die();
                             });
    default:
      trace("the disk is slow");
      if (loop_) loop_->set_lane_delay(Milliseconds{1 + static_cast<int64_t>(random_.below(500))});
  }
}

void World::run_until(base::MonotonicTime end) {
  while (model_.violations().empty()) {
    if (disk_.is_dead()) {
      crash();
      begin_life();
      if (!node_) return;
    }
    if (!schedule_.step(end)) return;
  }
}

void World::wait_for(const std::function<bool()>& condition, const char* what) {
  const base::MonotonicTime end = schedule_.now() + kAuditFor;
  while (model_.violations().empty() && !condition()) {
    if (schedule_.step(end)) continue;
    return model_.violation(std::string("not within a minute: ") + what);
  }
}

void World::make_topics() {
  const std::map<std::string, std::string> small{{"segment.bytes", "4000"}};
  auto compacted = small;
  compacted.insert({{"cleanup.policy", "compact"},
                    {"min.cleanable.dirty.ratio", "0.1"},
                    {"delete.retention.ms", "2000"}});
  for (const auto& [topic, configs] :
       {std::pair(kLogTopic, small), {kTxnTopic, small}, {kKeyedTopic, compacted}}) {
    const auto made =
        node_->broker().create_topic(topic, kPartitions, {configs.begin(), configs.end()});
    TICKLAKE_ASSERT(made.has_value());
  }
}

void World::start_clients() {
  using Kind = ProducerClient::Kind;
  for (const auto& [name, kind] : {std::pair("plain", Kind::kPlain),
                                   {"one", Kind::kIdempotent},
                                   {"two", Kind::kIdempotent},
                                   {"keyed", Kind::kKeyed}}) {
    producers_.push_back(std::make_unique<ProducerClient>(clients_, name, kind));
    producers_.back()->run();
  }
  for (const char* const name : {"red", "blue"}) {
    transactional_.push_back(std::make_unique<TransactionalClient>(clients_, name));
    transactional_.back()->run();
  }
  deleting_.run();
  fleeting_.run();
  for (const auto& [name, membership] : {std::pair("first member", Membership::kDynamic),
                                         {"second member", Membership::kDynamic},
                                         {"third member", Membership::kStatic}}) {
    members_.push_back(std::make_unique<GroupMember>(clients_, group_, name, membership));
    members_.back()->run();
  }
  using Subscription = ConsumerMember::Subscription;
  for (const auto& [name, subscription, membership] :
       {std::tuple("first consumer", Subscription::kNames, Membership::kDynamic),
        {"second consumer", Subscription::kRegex, Membership::kDynamic},
        {"third consumer", Subscription::kRegex, Membership::kStatic}}) {
    consumers_.push_back(std::make_unique<ConsumerMember>(clients_, consumers_group_, name,
                                                          subscription, membership));
    consumers_.back()->run();
  }
  administrator_.run();
  for (const Isolation isolation : {Isolation::kUncommitted, Isolation::kCommitted}) {
    readers_.push_back(std::make_unique<ReaderClient>(clients_, isolation));
    readers_.back()->run();
  }
}

/// What a group has committed of each partition of kLogTopic; nothing if that is not told.
std::map<int32_t, int64_t> World::committed_offsets(Session& session, const std::string& group) {
  std::map<int32_t, int64_t> offsets;
  bool is_answered = false;
  kafka::OffsetFetchRequest request;
  request.group_id = group;
  request.topics.emplace().push_back({kLogTopic, {0, 1}});
  session.ask(request, 6, [&](const auto* response) {
    is_answered = true;
    if (!response) return model_.violation("offsets are not told");
    for (const auto& partition : response->topics.at(0).partitions)
      offsets[partition.partition_index] = partition.committed_offset;
  });
  wait_for([&] { return is_answered; }, "offsets of a group");
  return offsets;
}

void World::audit_offsets(Session& session, const std::string& group,
                          const CommittedOffsets& known) {
  for (const auto& [partition, offset] : committed_offsets(session, group)) {
    const int64_t acknowledged = known.acknowledged.at(static_cast<size_t>(partition));
    if (known.is_possible(offset, acknowledged)) continue;
    model_.violation(group + " have the offset " + std::to_string(offset) + " of partition " +
                     std::to_string(partition) + ", and committed " + std::to_string(acknowledged));
  }
}

void World::audit() {
  ReaderClient uncommitted(clients_, Isolation::kUncommitted);
  ReaderClient committed(clients_, Isolation::kCommitted);
  uncommitted.run();
  committed.run();
  wait_for([&] { return uncommitted.is_at_end() && committed.is_at_end(); }, "a reader at the end");
  std::map<std::string, int64_t> offsets;
  Session session(clients_);
  for (const auto& client : transactional_)
    offsets[client->name()] = committed_offsets(session, client->name())[0];
  bool is_checked = false;
  administrator_.check([&] { is_checked = true; });
  wait_for([&] { return is_checked; }, "what there is, for an administrator");
  audit_offsets(session, kMembersGroup, group_.offsets);
  audit_offsets(session, kConsumersGroup, consumers_group_.offsets);
  if (model_.violations().empty()) model_.audit(uncommitted.log(), committed.log(), offsets);
  // They are gone when this returns; what was planned for them must not run.
  end_life();
}

bool World::are_clients_done() const {
  const auto are_idle = [](const auto& clients) {
    return std::ranges::all_of(clients, [](const auto& one) { return one->is_idle(); });
  };
  return deleting_.is_idle() && fleeting_.is_idle() && administrator_.is_idle() &&
         are_idle(producers_) && are_idle(transactional_) && are_idle(members_) &&
         are_idle(consumers_);
}

const Model& World::run() {
  begin_life();
  make_topics();
  disk_.set_lying(options_.is_sync_lying);
  start_clients();
  plan_fault();
  run_until(schedule_.now() + kFaultsFor);
  if (!model_.violations().empty()) return model_;
  trace("all is well from now on, with " + std::to_string(model_.acknowledged_count()) +
        " records, " + std::to_string(model_.transaction_count()) + " transactions and " +
        std::to_string(model_.deletion_count()) + " deletions");
  is_healed_ = true;
  disk_.die();
  is_machine_crash_ = true;
  run_until(schedule_.now() + Milliseconds{1});
  clients_.is_stopping = true;
  run_until(schedule_.now() + kHealing);
  wait_for([this] { return are_clients_done(); }, "clients that are done");
  if (model_.violations().empty()) audit();
  return model_;
}

struct Outcome {
  bool is_sound = false;
  uint64_t trace_hash = 0;
};

Outcome run_seed(uint64_t seed, const Options& options) {
  World world(seed, options);
  const Model& model = world.run();
  if (options.is_tracing) {
    std::printf(
        "%zu records (%zu compacted away), %zu transactions, %zu deletions and %zu changes\n",
        model.acknowledged_count(), model.compacted_count(), model.transaction_count(),
        model.deletion_count(), world.change_count());
  }
  if (model.violations().empty()) return {true, world.trace_hash()};
  std::printf("seed %llu breaks a promise:\n", static_cast<unsigned long long>(seed));
  for (size_t i = 0; i < std::min<size_t>(model.violations().size(), 5); ++i)
    std::printf("  %s\n", model.violations()[i].c_str());
  std::printf("  what led there:\n");
  for (const std::string& line : world.last_of_trace())
    std::printf("    %s\n", line.c_str());
  return {false, world.trace_hash()};
}

/// Whether the seed keeps its promises, and is the same each time if that is asked for.
bool is_seed_sound(uint64_t seed, const Options& options) {
  const Outcome first = run_seed(seed, options);
  if (!first.is_sound || !options.is_run_twice) return first.is_sound;
  // What the second run is given in memory stands elsewhere.
  const std::vector<std::unique_ptr<base::Bytes>> noise = [] {
    std::vector<std::unique_ptr<base::Bytes>> made;
    for (size_t size = 16; size < 4096; size += 48)
      made.push_back(std::make_unique<base::Bytes>(size));
    return made;
  }();
  if (run_seed(seed, options).trace_hash == first.trace_hash) return true;
  std::printf("seed %llu is not the same a second time\n", static_cast<unsigned long long>(seed));
  return false;
}

bool is_planted_bug_found(const Options& options) {
  Options unplanted = options;
  unplanted.is_sync_lying = false;
  for (uint64_t seed = options.first_seed; seed < options.first_seed + options.count; ++seed) {
    if (run_seed(seed, options).is_sound) continue;
    if (!run_seed(seed, unplanted).is_sound) return false;
    std::printf("found by seed %llu, which keeps its promises without it\n",
                static_cast<unsigned long long>(seed));
    return true;
  }
  std::printf("no seed finds what was put in\n");
  return false;
}

/// Seeds that nobody has seen, and more of them, in CI and by `make soak`.
void take_environment(Options& options) {
  if (const char* const seed = std::getenv("TICKLAKE_SEED"))
    options.first_seed += std::strtoull(seed, nullptr, 10);
  if (const char* const count = std::getenv("TICKLAKE_SIMULATION_SEEDS"))
    options.count = std::strtoull(count, nullptr, 10);
  if (const char* const seconds = std::getenv("TICKLAKE_SIMULATION_SECONDS")) {
    options.count = 1;
    options.at_least = std::chrono::seconds{std::strtoll(seconds, nullptr, 10)};
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s FIRST-SEED COUNT [--trace] [--twice] [--plant-lying-sync]\n",
                 argv[0]);
    return 2;
  }
  Options options;
  options.first_seed = std::strtoull(argv[1], nullptr, 10);
  options.count = std::strtoull(argv[2], nullptr, 10);
  for (int i = 3; i < argc; ++i) {
    const std::string_view word = argv[i];
    options.is_tracing |= word == "--trace";
    options.is_run_twice |= word == "--twice";
    options.is_sync_lying |= word == "--plant-lying-sync";
  }
  if (options.is_sync_lying) return is_planted_bug_found(options) ? 0 : 1;
  if (!options.is_run_twice) take_environment(options);
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + options.at_least;
  uint64_t failed = 0;
  uint64_t done = 0;
  for (; done < options.count || Clock::now() < end; ++done) {
    const uint64_t seed = options.first_seed + done;
    if (is_seed_sound(seed, options)) continue;
    ++failed;
    std::printf("to repeat: %s %llu 1 --trace\n", argv[0], static_cast<unsigned long long>(seed));
  }
  std::printf(
      "%llu seeds from %llu on, %llu break a promise\n", static_cast<unsigned long long>(done),
      static_cast<unsigned long long>(options.first_seed), static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
