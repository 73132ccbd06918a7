#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "broker/broker.h"
#include "broker/listener.h"
#include "broker/request_context.h"
#include "broker/transport.h"

namespace ticklake::broker {

struct ConnectionLimits {
  size_t request_bytes_max = 100u << 20;   ///< Kafka's socket.request.max.bytes
  size_t output_bytes_max = 64u << 20;     ///< beyond it, no more requests are read
  size_t unanswered_max = 10'000;          ///< likewise
  std::chrono::minutes idle_max{10};       ///< Kafka's connections.max.idle.ms
  size_t request_memory_max = 512u << 20;  ///< of all connections' unfinished requests
  size_t connections_max = 10'000;
};

/// What the connections of one server share.
struct ConnectionShare {
  Broker& broker;
  ConnectionLimits limits;
  Authorizer* authorizer;     ///< null: everyone may do everything
  size_t buffered_bytes = 0;  ///< of all connections' read buffers
  size_t connections = 0;
  /// After requests were handled: syncs may have to begin, deadlines may have changed.
  std::function<void()> requests_handled;
};

/// One client. Reads into one large buffer and takes every whole request out of it, so that a small
/// request costs no system call of its own; answers in the order of the requests.
/// shared_ptr: pending reads, writes and replies keep it alive, whoever ends first.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::unique_ptr<Transport> transport, const Listener& listener,
             ConnectionShare& share);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  void close();
  bool is_idle_since(base::MonotonicTime moment) const {
    return last_request_at_ < moment && slots_.empty();
  }

  /// From Reply: the answer to the request of that sequence number.
  void answer(uint64_t sequence, kafka::Frame frame, Payloads payloads);
  void answer_nothing(uint64_t sequence);

 private:
  struct Output {
    kafka::Frame frame;
    Payloads payloads;
  };
  /// An answer that is due, in the order of the requests.
  struct Slot {
    bool is_ready = false;
    std::optional<Output> output;
  };

  void read();
  void read_done(size_t size);
  bool take_requests();
  bool dispatch(base::ByteView bytes);
  bool make_room();
  void release_room(size_t size);
  bool has_too_much_unanswered() const;
  void settle(uint64_t sequence, std::optional<Output> output);
  void write();
  void write_done();

  std::unique_ptr<Transport> transport_;
  const Listener& listener_;
  ConnectionShare& share_;
  std::string client_host_;
  Principal principal_;
  base::Endpoint local_;
  base::MonotonicTime last_request_at_;

  std::vector<std::byte> buffer_;
  size_t begin_ = 0;  ///< of what is not yet taken out of the buffer
  size_t end_ = 0;
  bool is_reading_ = false;
  bool is_dispatching_ = false;

  uint64_t first_slot_ = 0;  ///< the sequence number of slots_.front()
  std::deque<Slot> slots_;
  std::deque<Output> outputs_;
  size_t output_bytes_ = 0;
  size_t writing_ = 0;  ///< how many of outputs_ are on their way
  bool is_closed_ = false;
};

}  // namespace ticklake::broker
