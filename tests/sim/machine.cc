#include "machine.h"

#include <algorithm>

namespace ticklake::sim {
namespace {

using Owner = Schedule::Owner;
constexpr Nanoseconds kPostDelay = std::chrono::microseconds{20};
constexpr Nanoseconds kLatencyMin = std::chrono::microseconds{50};
constexpr Nanoseconds kLatencyMax = Milliseconds{3};

class SimulatedTransport final : public broker::Transport {
 public:
  SimulatedTransport(Network& network, std::shared_ptr<Wire> wire)
      : network_(network), wire_(std::move(wire)) {}
  ~SimulatedTransport() override { network_.cut(wire_); }

  void read_some(Room room, ReadDone done) override {
    wire_->room = std::move(room);
    wire_->read_done = std::move(done);
    network_.deliver(wire_);
  }
  void write(std::vector<base::Fragment> parts, WriteDone done) override {
    base::Bytes bytes;
    for (const base::Fragment& part : parts) {
      const size_t before = bytes.size();
      bytes.resize(before + base::size_of(part));
      // A disk that does not read ends the connection, as sendfile(2) would.
      if (!base::copy_to(std::span(bytes).subspan(before), part)) network_.cut(wire_);
    }
    if (!wire_->is_cut) network_.send_to_client(wire_, std::move(bytes));
    network_.schedule().after(kPostDelay, Owner::kBroker, [wire = wire_, done = std::move(done)] {
      if (!wire->is_cut) return done({});
      done(base::fail(base::ErrorCode::kUnavailable, "cut"));
    });
  }
  void close() override { network_.cut(wire_); }
  std::string client_host() const override { return "127.0.0.1"; }
  base::Endpoint local() const override { return {"127.0.0.1", 9092}; }

 private:
  Network& network_;
  std::shared_ptr<Wire> wire_;
};

}  // namespace

void Schedule::at(base::MonotonicTime moment, Owner owner, Task task) {
  entries_.emplace(std::pair(moment, random_.next()), Entry{owner, std::move(task)});
}

bool Schedule::step(base::MonotonicTime end) {
  if (entries_.empty() || entries_.begin()->first.first > end) {
    clock_.advance(std::max(end - now(), Nanoseconds{0}));
    return false;
  }
  const auto first = entries_.begin();
  clock_.advance(std::max(first->first.first - now(), Nanoseconds{0}));
  const Task task = std::move(first->second.task);
  entries_.erase(first);
  task();
  return true;
}

void Schedule::drop_broker_tasks() {
  // What they hold may drop other things, which may look at the schedule: out of it first.
  std::vector<Task> dropped;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.owner == Owner::kBroker) {
      dropped.push_back(std::move(entry->second.task));
      entry = entries_.erase(entry);
    } else {
      ++entry;
    }
  }
}

void SimulatedLoop::post(Task task) {
  schedule_.after(schedule_.random_delay(Nanoseconds{0}, kPostDelay), Owner::kBroker,
                  std::move(task));
}

void SimulatedLoop::arm(Timer timer, base::MonotonicTime moment, Task task) {
  if (timers_[timer]) *timers_[timer] = nullptr;
  auto armed = std::make_shared<Task>(std::move(task));
  timers_[timer] = armed;
  schedule_.at(std::max(moment, schedule_.now()), Owner::kBroker, [armed] {
    if (const Task due = std::exchange(*armed, nullptr)) due();
  });
}

void SimulatedLoop::run_beside(Lane lane, Task work, Task done) {
  base::MonotonicTime& free_at = lane_free_at_[lane];
  const base::MonotonicTime works_at =
      std::max(free_at, schedule_.now()) + schedule_.random_delay(Nanoseconds{0}, lane_delay_max_);
  free_at = works_at + schedule_.random_delay(Nanoseconds{1}, lane_delay_max_);
  schedule_.at(works_at, Owner::kBroker, std::move(work));
  schedule_.at(free_at, Owner::kBroker, std::move(done));
  ++free_at;
}

std::unique_ptr<broker::Transport> Network::transport(const std::shared_ptr<Wire>& wire) {
  return std::make_unique<SimulatedTransport>(*this, wire);
}

std::vector<base::Bytes> Network::pieces_of(base::Bytes bytes) {
  std::vector<base::Bytes> pieces;
  const size_t at = random_.below(4) == 0 ? random_.below(bytes.size() + 1) : bytes.size();
  pieces.emplace_back(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(at));
  if (at < bytes.size()) {
    pieces.emplace_back(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.end());
  }
  return pieces;
}

void Network::send_to_broker(const std::shared_ptr<Wire>& wire, base::Bytes bytes) {
  for (base::Bytes& piece : pieces_of(std::move(bytes))) {
    const auto due = schedule_.now() + schedule_.random_delay(kLatencyMin, kLatencyMax);
    wire->last_to_broker = std::max(due, wire->last_to_broker + Nanoseconds{1});
    schedule_.at(wire->last_to_broker, Owner::kWorld, [this, wire, piece = std::move(piece)] {
      if (wire->is_cut) return;
      wire->to_broker.insert(wire->to_broker.end(), piece.begin(), piece.end());
      deliver(wire);
    });
  }
}

void Network::send_to_client(const std::shared_ptr<Wire>& wire, base::Bytes bytes) {
  for (base::Bytes& piece : pieces_of(std::move(bytes))) {
    const auto due = schedule_.now() + schedule_.random_delay(kLatencyMin, kLatencyMax);
    wire->last_to_client = std::max(due, wire->last_to_client + Nanoseconds{1});
    schedule_.at(wire->last_to_client, Owner::kWorld, [wire, piece = std::move(piece)] {
      if (!wire->is_cut) wire->client_receives(piece);
    });
  }
}

void Network::deliver(const std::shared_ptr<Wire>& wire) {
  if (!wire->read_done || (wire->to_broker.empty() && !wire->is_cut)) return;
  schedule_.after(Nanoseconds{0}, Owner::kBroker,
                  [wire, done = std::exchange(wire->read_done, nullptr)] {
                    if (wire->is_cut) {
                      wire->room = nullptr;
                      return done(base::fail(base::ErrorCode::kUnavailable, "cut"));
                    }
                    const std::span<std::byte> into = wire->room();
                    const size_t count = std::min(into.size(), wire->to_broker.size());
                    std::copy_n(wire->to_broker.begin(), count, into.begin());
                    wire->to_broker.erase(wire->to_broker.begin(),
                                          wire->to_broker.begin() + static_cast<ptrdiff_t>(count));
                    done(count);
                  });
}

void Network::cut(const std::shared_ptr<Wire>& wire) {
  if (std::exchange(wire->is_cut, true)) return;
  deliver(wire);
  schedule_.after(kLatencyMin, Owner::kWorld, [wire] {
    if (wire->client_lost) wire->client_lost();
  });
}

}  // namespace ticklake::sim
