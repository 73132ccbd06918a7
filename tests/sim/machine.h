#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "broker/event_loop.h"
#include "broker/transport.h"

namespace ticklake::sim {

using Milliseconds = std::chrono::milliseconds;
using Nanoseconds = std::chrono::nanoseconds;

/// What happens when, on simulated time: one thing after the other, those of one moment in an order
/// that the seed chooses.
class Schedule {
 public:
  using Task = std::function<void()>;
  /// Whose task it is: those of a broker that died are dropped.
  enum class Owner : uint8_t { kBroker, kWorld };

  explicit Schedule(base::Random& random) : random_(random) {}

  base::ManualClock& clock() { return clock_; }
  base::MonotonicTime now() const { return clock_.monotonic_now(); }
  void after(Nanoseconds delay, Owner owner, Task task) {
    at(now() + std::max(delay, Nanoseconds{0}), owner, std::move(task));
  }
  void at(base::MonotonicTime moment, Owner owner, Task task);
  /// Does the next task; false if there is none before `end`, at which the clock stands then.
  bool step(base::MonotonicTime end);
  void drop_broker_tasks();
  /// Between the two, as the seed has it.
  Nanoseconds random_delay(Nanoseconds least, Nanoseconds most) {
    return least + Nanoseconds{static_cast<int64_t>(
                       random_.below(static_cast<uint64_t>((most - least).count()) + 1))};
  }

 private:
  struct Entry {
    Owner owner;
    Task task;
  };
  base::Random& random_;
  base::ManualClock clock_;
  std::multimap<std::pair<base::MonotonicTime, uint64_t>, Entry> entries_;
};

/// The broker's loop: its lanes beside take as long as the disk of the day does.
class SimulatedLoop final : public broker::EventLoop {
 public:
  explicit SimulatedLoop(Schedule& schedule) : schedule_(schedule) {}

  void set_lane_delay(Nanoseconds most) { lane_delay_max_ = most; }
  void post(Task task) override;
  void arm(Timer timer, base::MonotonicTime moment, Task task) override;
  void run_beside(Lane lane, Task work, Task done) override;

 private:
  Schedule& schedule_;
  Nanoseconds lane_delay_max_ = Milliseconds{5};
  std::map<Lane, base::MonotonicTime> lane_free_at_;
  std::map<Timer, std::shared_ptr<Task>> timers_;  ///< one that was armed again is empty
};

/// A connection: what one end sends comes at the other later and in pieces, or never.
struct Wire {
  base::Bytes to_broker;  ///< arrived and not yet read
  std::function<void(base::ByteView)> client_receives;
  std::function<void()> client_lost;
  broker::Transport::Room room;
  broker::Transport::ReadDone read_done;
  bool is_cut = false;
  base::MonotonicTime last_to_broker{}, last_to_client{};  ///< what is sent stays in order
};

class Network {
 public:
  Network(Schedule& schedule, base::Random& random) : schedule_(schedule), random_(random) {}

  /// The broker's end of it.
  std::unique_ptr<broker::Transport> transport(const std::shared_ptr<Wire>& wire);
  void send_to_broker(const std::shared_ptr<Wire>& wire, base::Bytes bytes);
  void send_to_client(const std::shared_ptr<Wire>& wire, base::Bytes bytes);
  /// Both ends learn of it, soon; what is under way is lost.
  void cut(const std::shared_ptr<Wire>& wire);
  /// Gives the broker what has arrived, or the end of it, if it asked.
  void deliver(const std::shared_ptr<Wire>& wire);
  Schedule& schedule() { return schedule_; }

 private:
  std::vector<base::Bytes> pieces_of(base::Bytes bytes);

  Schedule& schedule_;
  base::Random& random_;
};

}  // namespace ticklake::sim
