#include "broker/connection.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

constexpr size_t kLengthBytes = 4;
/// Of one write: what is larger goes in pieces, so that one sees whether the client takes them.
constexpr size_t kWriteBytes = size_t{1} << 20;
constexpr size_t kOutputsPerWrite = 256;
/// An own buffer stays that long after the last request.
constexpr std::chrono::seconds kBufferKept{1};

const HandlerEntry* find_handler(kafka::ApiKey key) {
  const auto entries = handler_entries();
  const auto found = std::find_if(entries.begin(), entries.end(), [key](const HandlerEntry& entry) {
    return entry.api.key == key;
  });
  return found == entries.end() ? nullptr : &*found;
}

size_t memory_of(const kafka::Frame& frame) {
  size_t sum = frame.bytes.size();
  for (const kafka::Frame::Splice& splice : frame.splices) {
    if (std::holds_alternative<base::ByteView>(splice.payload)) {
      sum += base::size_of(splice.payload);
    }
  }
  return sum;
}

}  // namespace

Connection::Connection(std::unique_ptr<Transport> transport, const Listener& listener,
                       ConnectionShare& share)
    : transport_(std::move(transport)),
      listener_(listener),
      share_(share),
      client_host_("/" + transport_->client_host()),
      // A client that dialled "localhost" over IPv6 is told the address that it reached.
      local_(transport_->local()),
      opened_at_(share.broker.clock().monotonic_now()),
      last_request_at_(opened_at_),
      input_(share.input) {
  ++share_.connections;
  ++share_.connections_by_address[client_host_];
  if (listener_.uses_sasl()) {
    authentication_ = std::make_shared<Authentication>(share_.authentication, client_host_);
  }
}

Connection::~Connection() {
  --share_.connections;
  const auto counted = share_.connections_by_address.find(client_host_);
  if (--counted->second == 0) share_.connections_by_address.erase(counted);
  share_.output.release(output_memory_);
}

void Connection::start() { read(); }

void Connection::close() {
  if (is_closed_) return;
  is_closed_ = true;
  transport_->close();
}

void Connection::close_because(std::string_view reason) {
  if (is_closed_) return;
  share_.broker.logger().warn("closing a connection from {}: {}", client_host_, reason);
  close();
}

bool Connection::is_authenticated() const {
  if (authentication_) return authentication_->was_done();
  return has_read_ || !listener_.uses_tls();
}

void Connection::look_after(base::MonotonicTime now) {
  const ConnectionLimits& limits = share_.limits;
  const bool is_idle = limits.idle_max.count() >= 0 && last_request_at_ < now - limits.idle_max;
  if (is_idle && slots_.empty()) return close();
  if (!is_authenticated() && opened_at_ < now - limits.authentication_max) {
    return close_because("it did not say who it is in time");
  }
  if (share_.input.budget.has_waiting() && is_request_begun_ && !is_waiting_for_memory_ &&
      request_began_at_ < now - limits.stall_max) {
    return close_because("others wait for memory, and the rest of its request does not come");
  }
  if (share_.output.has_waiting() && writing_ > 0 && write_began_at_ < now - limits.stall_max) {
    return close_because("others wait for memory, and it does not take its answers");
  }
  if (last_request_at_ < now - kBufferKept) input_.release_unused();
}

void Connection::wait_for(MemoryBudget& budget) {
  if (is_waiting_for_memory_) return;
  is_waiting_for_memory_ = true;
  budget.wait([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->is_waiting_for_memory_ = false;
    self->take_more_requests();
  });
}

void Connection::read() {
  if (is_closed_ || is_reading_ || !may_take_requests() || is_waiting_for_memory_) return;
  is_reading_ = true;
  // The room is asked for before `done` and never after close().
  transport_->read_some([this] { return input_.room(); },
                        [self = shared_from_this()](base::Result<size_t> size) {
                          self->is_reading_ = false;
                          if (size) return self->read_done(*size);
                          if (size.error().code == base::ErrorCode::kInvalidData) {
                            self->close_because(base::to_line(size.error()));
                          }
                          self->close();
                        });
}

void Connection::read_done(size_t size) {
  input_.add(size);
  last_request_at_ = share_.broker.clock().monotonic_now();
  if (!has_read_ && listener_.protocol == SecurityProtocol::kSsl) {
    principal_ = transport_->principal().value_or(principal_);
  }
  has_read_ = true;
  take_more_requests();
}

void Connection::take_more_requests() {
  const bool is_sane = take_requests();
  const bool is_kept = keep_rest();
  share_.requests_handled();
  if (!is_sane) return close();
  write();
  if (is_kept) read();
}

bool Connection::may_take_requests() {
  if (is_closed_ || last_sequence_ || is_muted_ || slots_.size() >= share_.limits.unanswered_max ||
      output_bytes_ >= share_.limits.output_bytes_max ||
      (authentication_ && authentication_->is_busy())) {
    return false;
  }
  if (!share_.output.is_spent()) return true;
  wait_for(share_.output);
  return false;
}

bool Connection::is_length_allowed(int32_t length) const {
  const size_t bytes_max = is_authenticated() || !authentication_
                               ? share_.limits.request_bytes_max
                               : share_.authentication.settings.request_bytes_max;
  if (length >= 0 && static_cast<size_t>(length) <= bytes_max) return true;
  share_.broker.logger().warn(
      "closing a connection from {}: a request of {} bytes announced; at most {}", client_host_,
      length, bytes_max);
  return false;
}

/// False if the client talks nonsense; whole requests up to there were handled.
bool Connection::take_requests() {
  while (input_.waiting().size() >= kLengthBytes && may_take_requests()) {
    const base::ByteView waiting = input_.waiting();
    const auto length = base::load_big_endian<int32_t>(waiting.data());
    if (!is_length_allowed(length)) return false;
    const size_t whole = kLengthBytes + static_cast<size_t>(length);
    if (waiting.size() < whole) return true;
    const base::ByteView request = waiting.subspan(kLengthBytes, static_cast<size_t>(length));
    input_.take(whole);
    is_request_begun_ = false;
    if (authentication_ && authentication_->wants_raw_token()) {
      dispatch_token(request);
    } else if (!dispatch(request)) {
      return false;
    }
  }
  return true;
}

/// Makes room for the rest of a request that has begun. False if it has to wait for memory.
bool Connection::keep_rest() {
  const base::ByteView waiting = input_.waiting();
  size_t whole = kLengthBytes;
  if (waiting.size() >= kLengthBytes) {
    const auto length = base::load_big_endian<int32_t>(waiting.data());
    // What is too large is closed when its turn has come.
    if (length >= 0 && static_cast<size_t>(length) <= share_.limits.request_bytes_max) {
      whole += static_cast<size_t>(length);
    }
  }
  if (!waiting.empty() && !is_request_begun_) {
    is_request_begun_ = true;
    request_began_at_ = last_request_at_;
  }
  if (input_.make_room(whole)) return true;
  if (!is_closed_) wait_for(share_.input.budget);
  return false;
}

Reply Connection::next_reply(int32_t correlation_id, int16_t version) {
  const uint64_t sequence = first_slot_ + slots_.size();
  slots_.emplace_back();
  return Reply(weak_from_this(), sequence, correlation_id, version);
}

bool Connection::dispatch(base::ByteView bytes) {
  auto request = kafka::parse_request(bytes);
  if (!request) {
    share_.broker.logger().warn("closing a connection from {}: {}", client_host_,
                                base::to_line(request.error()));
    return false;
  }
  const kafka::RequestHeader& header = request->header;
  const HandlerEntry* const handler = find_handler(header.api_key);
  const bool is_api_versions = header.api_key == kafka::ApiKey::kApiVersions;
  if (!handler || (!is_api_versions && !handler->api.has(header.api_version))) {
    share_.broker.logger().warn("closing a connection from {}: API {} version {} is not served",
                                client_host_, static_cast<int>(header.api_key), header.api_version);
    return false;
  }
  if (authentication_ && !authentication_->allows(header.api_key)) {
    share_.broker.logger().warn("closing a connection from {}: {} before authentication",
                                client_host_, handler->api.name);
    return false;
  }
  Reply reply = next_reply(header.correlation_id, header.api_version);
  handle(*handler,
         RequestContext{std::move(request->header), request->body, principal(),
                        Access(share_.authorizer, principal(), client_host_), authentication_,
                        client_host_, listener_.advertised.value_or(local_), std::move(reply)});
  return !is_closed_;
}

void Connection::handle(const HandlerEntry& handler, RequestContext request) {
  // Answers that are given at once leave together, after the last request of this read.
  is_dispatching_ = true;
  if (share_.broker.quotas().is_empty()) {
    handler.handle(share_.broker, std::move(request));
    is_dispatching_ = false;
    return;
  }
  const kafka::RequestHeader header = request.header;
  slots_.back().metered = std::make_unique<kafka::RequestHeader>(header);
  if (header.api_key == kafka::ApiKey::kProduce) {
    charge(QuotaKind::kProduceBytes, header, static_cast<double>(request.body.size()));
  }
  const base::Clock& clock = share_.broker.clock();
  const base::MonotonicTime began = clock.monotonic_now();
  handler.handle(share_.broker, std::move(request));
  is_dispatching_ = false;
  // The answer may be on its way already: what its own time costs is told with the next one.
  const std::chrono::nanoseconds spent = clock.monotonic_now() - began;
  charge(QuotaKind::kRequestPercent, header, static_cast<double>(spent.count()));
}

/// A token that follows SaslHandshake version 0; the answer has no header either, and a refusal is
/// no answer.
void Connection::dispatch_token(base::ByteView token) {
  const auto reply = std::make_shared<Reply>(next_reply(0, 0));
  is_dispatching_ = true;
  authentication_->take(token, [reply](Authentication::Answer answer) {
    if (answer.error != kafka::ErrorCode::kNone) return reply->close();
    reply->send_raw(answer.token);
  });
  is_dispatching_ = false;
}

void Connection::answer(uint64_t sequence, kafka::Frame frame, Payloads payloads) {
  const size_t bytes = frame.size();
  const size_t memory_bytes = memory_of(frame);
  settle(sequence, Output{std::move(frame), std::move(payloads), bytes, memory_bytes});
}

void Connection::answer_nothing(uint64_t sequence) {
  mute();
  settle(sequence, std::nullopt);
}

int32_t Connection::throttle(uint64_t sequence, size_t answer_bytes) {
  if (is_closed_) return 0;
  const kafka::RequestHeader* const header = slots_[sequence - first_slot_].metered.get();
  if (!header || header->api_key == kafka::ApiKey::kApiVersions) return 0;
  if (header->api_key == kafka::ApiKey::kFetch) {
    charge(QuotaKind::kFetchBytes, *header, static_cast<double>(answer_bytes));
  }
  const auto told = static_cast<int32_t>(std::min<int64_t>(throttle_.count(), INT32_MAX));
  mute();
  return told;
}

void Connection::charge(QuotaKind kind, const kafka::RequestHeader& header, double amount) {
  throttle_ = std::max(
      throttle_,
      share_.broker.quotas().record(kind, principal().name, header.client_id.value_or(""), amount));
}

/// Nothing more is read for as long as quotas demand (KIP-219).
void Connection::mute() {
  if (throttle_.count() <= 0 || is_muted_) return;
  is_muted_ = true;
  share_.authentication.later(std::exchange(throttle_, {}), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->is_muted_ = false;
    if (!self->is_reading_ && !self->is_waiting_for_memory_) self->take_more_requests();
  });
}

const Principal& Connection::principal() const {
  return authentication_ ? authentication_->principal() : principal_;
}

void Connection::close_after(uint64_t sequence) { last_sequence_ = sequence; }

void Connection::settle(uint64_t sequence, std::optional<Output> output) {
  if (is_closed_) return;
  Slot& slot = slots_[sequence - first_slot_];
  slot.is_ready = true;
  if (output) {
    output_bytes_ += output->bytes;
    output_memory_ += output->memory_bytes;
    share_.output.reserve_anyway(output->memory_bytes);
  }
  slot.output = std::move(output);
  while (!slots_.empty() && slots_.front().is_ready) {
    if (slots_.front().output) outputs_.push_back(std::move(*slots_.front().output));
    slots_.pop_front();
    ++first_slot_;
  }
  if (!is_dispatching_) write();
}

void Connection::write() {
  if (is_closed_ || writing_ > 0 || outputs_.empty()) return;
  std::vector<base::Fragment> parts;
  size_t skip = sent_;
  const size_t count = std::min(outputs_.size(), kOutputsPerWrite);
  for (size_t i = 0; i < count && writing_ < kWriteBytes; ++i) {
    for (const base::Fragment& whole : outputs_[i].frame.fragments()) {
      if (writing_ >= kWriteBytes) break;
      const size_t skipped = std::min(skip, base::size_of(whole));
      skip -= skipped;
      const size_t size = std::min(base::size_of(whole) - skipped, kWriteBytes - writing_);
      if (size == 0) continue;
      writing_ += size;
      parts.push_back(base::part_of(whole, skipped, size));
    }
  }
  write_began_at_ = share_.broker.clock().monotonic_now();
  transport_->write(std::move(parts), [self = shared_from_this()](base::Result<void> written) {
    if (!written) return self->close();
    self->write_done();
  });
}

void Connection::write_done() {
  sent_ += std::exchange(writing_, 0);
  while (!outputs_.empty() && sent_ >= outputs_.front().bytes) {
    sent_ -= outputs_.front().bytes;
    output_bytes_ -= outputs_.front().bytes;
    output_memory_ -= outputs_.front().memory_bytes;
    share_.output.release(outputs_.front().memory_bytes);
    outputs_.pop_front();
  }
  if (last_sequence_ && outputs_.empty() && first_slot_ > *last_sequence_) return close();
  write();
  // Requests may have been left in the buffer because too much was unanswered.
  if (!is_reading_ && !is_waiting_for_memory_) take_more_requests();
}

}  // namespace ticklake::broker
