#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "bed/memory_disk.h"
#include "broker/node.h"

namespace ticklake::fuzz {

/// One thread that does what it is given, on a clock that moves when it is told to.
class ManualLoop final : public broker::EventLoop {
 public:
  explicit ManualLoop(base::ManualClock& clock) : clock_(clock) {}

  void post(Task task) override { tasks_.push_back(std::move(task)); }
  void arm(Timer timer, base::MonotonicTime moment, Task task) override {
    timers_[timer] = {moment, std::move(task)};
  }
  void run_beside(Lane, Task work, Task done) override {
    post([work = std::move(work), done = std::move(done)] {
      work();
      done();
    });
  }
  void run() {
    while (!tasks_.empty()) {
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }
  /// Goes on to when the next `count` timers are due, and does what they ask for.
  void pass(int count) {
    for (; count > 0 && !timers_.empty(); --count) {
      const auto next = std::ranges::min_element(
          timers_, {}, [](const auto& entry) { return entry.second.moment; });
      const auto due = std::exchange(next->second, {});
      timers_.erase(next);
      const auto left = due.moment - clock_.monotonic_now();
      if (left.count() > 0) clock_.advance(left);
      due.task();
      run();
    }
  }

 private:
  struct Due {
    base::MonotonicTime moment{};
    Task task;
  };
  base::ManualClock& clock_;
  std::deque<Task> tasks_;
  std::map<Timer, Due> timers_;
};

/// What passes between a client and the node; the node's end of it is a Transport.
struct Wire {
  base::Bytes to_broker;  ///< not yet read
  base::Bytes to_client;
  bool is_closed = false;
  broker::Transport::Room room;
  broker::Transport::ReadDone read_done;
};

class MemoryTransport final : public broker::Transport {
 public:
  MemoryTransport(std::shared_ptr<Wire> wire, ManualLoop& loop)
      : wire_(std::move(wire)), loop_(loop) {}

  void read_some(Room room, ReadDone done) override {
    wire_->room = std::move(room);
    wire_->read_done = std::move(done);
    deliver(wire_, loop_);
  }
  void write(std::vector<base::Fragment> parts, WriteDone done) override {
    for (const base::Fragment& part : parts) {
      const size_t before = wire_->to_client.size();
      wire_->to_client.resize(before + base::size_of(part));
      if (!base::copy_to(std::span(wire_->to_client).subspan(before), part)) __builtin_trap();
    }
    loop_.post([done = std::move(done)] { done({}); });
  }
  void close() override {
    wire_->is_closed = true;
    deliver(wire_, loop_);
  }
  std::string client_host() const override { return "127.0.0.1"; }
  base::Endpoint local() const override { return {"127.0.0.1", 9092}; }

  /// Ends a pending read, if there is something to end it with.
  static void deliver(const std::shared_ptr<Wire>& wire, ManualLoop& loop) {
    if (!wire->read_done || (wire->to_broker.empty() && !wire->is_closed)) return;
    loop.post([wire, done = std::exchange(wire->read_done, nullptr)] {
      if (wire->is_closed) {
        return done(base::fail(base::ErrorCode::kUnavailable, "the connection is closed"));
      }
      const std::span<std::byte> into = wire->room();
      const size_t count = std::min(into.size(), wire->to_broker.size());
      std::copy_n(wire->to_broker.begin(), count, into.begin());
      wire->to_broker.erase(wire->to_broker.begin(),
                            wire->to_broker.begin() + static_cast<ptrdiff_t>(count));
      done(count);
    });
  }

 private:
  std::shared_ptr<Wire> wire_;
  ManualLoop& loop_;
};

/// The broker with all of its machine in memory.
class NodeBed {
 public:
  static constexpr const char* kFolder = "/broker";
  static constexpr size_t kDiskBytesMax = size_t{16} << 20;

  ~NodeBed() { stop(); }

  /// The error if what is on the disk cannot be opened.
  base::Result<void> start() {
    loop_.emplace(clock);
    broker::NodeOptions options;
    options.folder = kFolder;
    // Every client may do everything, so that all requests get past the question whether it may.
    options.authorization = {{"User:ANONYMOUS"}};
    TICKLAKE_ASSIGN(node_, broker::Node::open(std::move(options), disk, clock, base::Random(1),
                                              logger_, *loop_));
    node_->start();
    loop_->run();
    return {};
  }
  /// Nothing of it is kept but what is on the disk.
  void stop() {
    if (!node_) return;
    node_->begin_stop([] {});
    loop_->run();
    node_->drop_replies();
    node_.reset();
    loop_->run();
    loop_.reset();
    wires_.clear();
  }
  base::Result<void> close() {
    node_->begin_stop([] {});
    loop_->run();
    return node_->close();
  }

  std::shared_ptr<Wire> connect() {
    auto wire = std::make_shared<Wire>();
    wires_.push_back(wire);
    node_->accept(std::make_unique<MemoryTransport>(wire, *loop_), listener_);
    loop_->run();
    return wire;
  }
  void send(const std::shared_ptr<Wire>& wire, base::ByteView bytes) {
    wire->to_broker.insert(wire->to_broker.end(), bytes.begin(), bytes.end());
    MemoryTransport::deliver(wire, *loop_);
    loop_->run();
  }
  void pass(int timers) { loop_->pass(timers); }
  broker::Broker& broker() { return node_->broker(); }

  base::ManualClock clock;
  MemoryDisk disk{kDiskBytesMax};

 private:
  const broker::Listener listener_;  // connections refer to it
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::optional<ManualLoop> loop_;
  std::unique_ptr<broker::Node> node_;
  std::vector<std::shared_ptr<Wire>> wires_;
};

}  // namespace ticklake::fuzz
