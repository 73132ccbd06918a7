#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "broker/broker.h"
#include "broker/client_quotas.h"
#include "broker/input_buffer.h"
#include "broker/listener.h"
#include "broker/memory_budget.h"
#include "broker/request_context.h"
#include "broker/security/authentication.h"
#include "broker/transport.h"

namespace ticklake::broker {

struct ConnectionLimits {
  size_t request_bytes_max = 100u << 20;  ///< Kafka's socket.request.max.bytes
  /// Of all connections' unfinished requests (Kafka's queued.max.request.bytes): when it is spent
  /// no more is read until there is room.
  size_t request_memory_max = 512u << 20;
  size_t output_bytes_max = 64u << 20;  ///< of one connection; beyond it no more requests are read
  size_t output_memory_max = 512u << 20;  ///< likewise, of all connections
  size_t unanswered_max = 10'000;         ///< requests of one connection
  size_t connections_max = 10'000;
  size_t connections_per_address_max = 10'000;  ///< Kafka's max.connections.per.ip
  /// Kafka's connections.max.idle.ms; below 0: for ever.
  std::chrono::milliseconds idle_max{std::chrono::minutes{10}};
  std::chrono::seconds authentication_max{30};  ///< to say who one is, TLS included
  /// While others wait for memory: for the rest of a request, and for taking any of an answer.
  std::chrono::seconds stall_max{20};
};

/// What the connections of one server share.
struct ConnectionShare {
  Broker& broker;
  ConnectionLimits limits;
  Authorizer* authorizer;  ///< null: everyone may do everything
  AuthenticationShare authentication;
  /// After requests were handled: syncs may have to begin, deadlines may have changed.
  std::function<void()> requests_handled;
  InputMemory input;
  MemoryBudget output;
  size_t connections = 0;
  std::map<std::string, size_t> connections_by_address = {};
};

struct HandlerEntry;

/// One client. Takes every whole request out of what a read brought, so that a small request costs
/// no system call of its own; answers in the order of the requests.
/// shared_ptr: the node keeps it until it is closed (a client who has to wait may have neither a
/// read nor a write that is pending), and what is pending in the transport keeps it beyond that.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::unique_ptr<Transport> transport, const Listener& listener,
             ConnectionShare& share);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  void close();
  bool is_closed() const { return is_closed_; }
  /// Ends it if it has outstayed a limit, and gives back memory that it does not use.
  void look_after(base::MonotonicTime now);

  /// From Reply: the answer to the request of that sequence number.
  void answer(uint64_t sequence, kafka::Frame frame, Payloads payloads);
  void answer_nothing(uint64_t sequence);
  /// Counts an answer towards the client's quotas; for how many ms he has to be silent.
  int32_t throttle(uint64_t sequence, size_t answer_bytes);
  /// Nothing follows the answer to that request.
  void close_after(uint64_t sequence);

 private:
  struct Output {
    kafka::Frame frame;
    Payloads payloads;
    size_t bytes = 0;
    size_t memory_bytes = 0;  ///< of bytes; the others are in files
  };
  /// An answer that is due, in the order of the requests.
  struct Slot {
    bool is_ready = false;
    /// Whose quotas its answer counts towards; null where there are no quotas.
    std::unique_ptr<kafka::RequestHeader> metered = nullptr;
    std::optional<Output> output;
  };

  void read();
  void read_done(size_t size);
  bool may_take_requests();
  bool take_requests();
  void take_more_requests();
  bool keep_rest();
  bool is_length_allowed(int32_t length) const;
  bool dispatch(base::ByteView bytes);
  void dispatch_token(base::ByteView token);
  void handle(const HandlerEntry& handler, RequestContext request);
  const Principal& principal() const;
  void charge(QuotaKind kind, const kafka::RequestHeader& header, double amount);
  void mute();
  Reply next_reply(int32_t correlation_id, int16_t version);
  void settle(uint64_t sequence, std::optional<Output> output);
  void write();
  void write_done();
  void wait_for(MemoryBudget& budget);
  bool is_authenticated() const;
  void close_because(std::string_view reason);

  std::unique_ptr<Transport> transport_;
  const Listener& listener_;
  ConnectionShare& share_;
  std::string client_host_;
  Principal principal_;
  std::shared_ptr<Authentication> authentication_;  ///< null where there is no SASL
  base::Endpoint local_;
  base::MonotonicTime opened_at_;
  base::MonotonicTime last_request_at_;

  InputBuffer input_;
  base::MonotonicTime request_began_at_;  ///< of one that is not yet whole
  bool is_request_begun_ = false;
  bool is_reading_ = false;
  bool has_read_ = false;
  bool is_waiting_for_memory_ = false;
  bool is_dispatching_ = false;

  uint64_t first_slot_ = 0;  ///< the sequence number of slots_.front()
  std::deque<Slot> slots_;
  std::deque<Output> outputs_;
  size_t output_bytes_ = 0;   ///< of slots_ and outputs_
  size_t output_memory_ = 0;  ///< likewise, without what is in files
  size_t sent_ = 0;           ///< of outputs_.front()
  size_t writing_ = 0;        ///< bytes that are on their way
  base::MonotonicTime write_began_at_;
  std::optional<uint64_t> last_sequence_;
  /// What quotas demand, not yet told to the client; then nothing of his is read for that time.
  std::chrono::milliseconds throttle_{0};
  bool is_muted_ = false;
  bool is_closed_ = false;
};

}  // namespace ticklake::broker
