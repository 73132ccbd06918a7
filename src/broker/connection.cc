#include "broker/connection.h"

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;
/// A buffer that grew for a producer's batches stays, up to this, since the next is as large.
constexpr size_t kBufferBytesKept = size_t{2} << 20;
constexpr size_t kLengthBytes = 4;
constexpr size_t kOutputsPerWrite = 256;

const HandlerEntry* find_handler(kafka::ApiKey key) {
  const auto entries = handler_entries();
  const auto found = std::find_if(entries.begin(), entries.end(), [key](const HandlerEntry& entry) {
    return entry.api.key == key;
  });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

Reply::Reply(std::weak_ptr<Connection> connection, uint64_t sequence, int32_t correlation_id,
             int16_t version)
    : connection_(std::move(connection)),
      sequence_(sequence),
      correlation_id_(correlation_id),
      version_(version) {}

Reply::Reply(Reply&& other) noexcept
    : connection_(std::move(other.connection_)),
      sequence_(other.sequence_),
      correlation_id_(other.correlation_id_),
      version_(other.version_),
      is_open_(std::exchange(other.is_open_, false)) {}

Reply::~Reply() { close(); }

void Reply::send_frame(kafka::Frame frame, Payloads payloads) {
  if (!std::exchange(is_open_, false)) return;
  if (const auto connection = connection_.lock()) {
    connection->answer(sequence_, std::move(frame), std::move(payloads));
  }
}

void Reply::send_nothing() {
  if (!std::exchange(is_open_, false)) return;
  if (const auto connection = connection_.lock()) connection->answer_nothing(sequence_);
}

void Reply::close() {
  if (!std::exchange(is_open_, false)) return;
  if (const auto connection = connection_.lock()) connection->close();
}

Connection::Connection(std::unique_ptr<Transport> transport, const Listener& listener,
                       ConnectionShare& share)
    : transport_(std::move(transport)),
      listener_(listener),
      share_(share),
      client_host_("/" + transport_->client_host()),
      // A client that dialled "localhost" over IPv6 is told the address that it reached.
      local_(transport_->local()),
      last_request_at_(share.broker.clock().monotonic_now()) {
  ++share_.connections;
}

Connection::~Connection() {
  --share_.connections;
  share_.buffered_bytes -= buffer_.size();
}

void Connection::start() { read(); }

void Connection::close() {
  if (is_closed_) return;
  is_closed_ = true;
  transport_->close();
}

bool Connection::has_too_much_unanswered() const {
  return slots_.size() >= share_.limits.unanswered_max ||
         output_bytes_ >= share_.limits.output_bytes_max;
}

void Connection::read() {
  if (is_closed_ || is_reading_ || has_too_much_unanswered() || !make_room()) return;
  is_reading_ = true;
  transport_->read_some([this] { return std::span(buffer_).subspan(end_); },
                        [self = shared_from_this()](base::Result<size_t> size) {
                          self->is_reading_ = false;
                          if (!size) return self->close();
                          self->read_done(*size);
                        });
}

void Connection::read_done(size_t size) {
  end_ += size;
  last_request_at_ = share_.broker.clock().monotonic_now();
  const bool is_sane = take_requests();
  share_.requests_handled();
  if (!is_sane) return close();
  write();
  read();
}

/// Room for at least one more byte, and better for the whole of a request that has begun: the
/// buffer doubles as its bytes arrive, so that a length alone, however large, costs nothing.
bool Connection::make_room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    const bool is_memory_short = share_.buffered_bytes > share_.limits.request_memory_max / 2;
    if (buffer_.size() > (is_memory_short ? kBufferBytes : kBufferBytesKept)) {
      release_room(kBufferBytes);
    }
  }
  if (begin_ > 0 && (buffer_.size() - end_ < buffer_.size() / 2)) {
    std::copy(buffer_.begin() + static_cast<ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ < buffer_.size()) return true;
  const size_t wanted = std::max(kBufferBytes, buffer_.size() * 2);
  const size_t more = wanted - buffer_.size();
  if (share_.buffered_bytes + more > share_.limits.request_memory_max && !buffer_.empty()) {
    share_.broker.logger().warn("closing a connection from {}: no memory for a request of its size",
                                client_host_);
    close();
    return false;
  }
  share_.buffered_bytes += more;
  buffer_.resize(wanted);
  return true;
}

void Connection::release_room(size_t size) {
  share_.buffered_bytes -= buffer_.size() - size;
  buffer_ = std::vector<std::byte>(size);
}

/// False if the client talks nonsense; whole requests up to there were handled.
bool Connection::take_requests() {
  while (!is_closed_ && end_ - begin_ >= kLengthBytes && !has_too_much_unanswered()) {
    const auto length = base::load_big_endian<int32_t>(buffer_.data() + begin_);
    if (length <= 0 || static_cast<size_t>(length) > share_.limits.request_bytes_max) {
      share_.broker.logger().warn(
          "closing a connection from {}: a request of {} bytes announced; at most {}", client_host_,
          length, share_.limits.request_bytes_max);
      return false;
    }
    const size_t whole = kLengthBytes + static_cast<size_t>(length);
    if (end_ - begin_ < whole) return true;
    const base::ByteView request(buffer_.data() + begin_ + kLengthBytes,
                                 static_cast<size_t>(length));
    begin_ += whole;
    if (!dispatch(request)) return false;
  }
  return true;
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
  const uint64_t sequence = first_slot_ + slots_.size();
  slots_.emplace_back();
  Reply reply(weak_from_this(), sequence, header.correlation_id, header.api_version);
  // Answers that are given at once leave together, after the last request of this read.
  is_dispatching_ = true;
  handler->handle(share_.broker,
                  RequestContext{std::move(request->header), request->body, principal_,
                                 Access(share_.authorizer, principal_, client_host_), client_host_,
                                 listener_.advertised.value_or(local_), std::move(reply)});
  is_dispatching_ = false;
  return !is_closed_;
}

void Connection::answer(uint64_t sequence, kafka::Frame frame, Payloads payloads) {
  settle(sequence, Output{std::move(frame), std::move(payloads)});
}

void Connection::answer_nothing(uint64_t sequence) { settle(sequence, std::nullopt); }

void Connection::settle(uint64_t sequence, std::optional<Output> output) {
  if (is_closed_) return;
  Slot& slot = slots_[sequence - first_slot_];
  slot.is_ready = true;
  slot.output = std::move(output);
  while (!slots_.empty() && slots_.front().is_ready) {
    if (slots_.front().output) {
      output_bytes_ += slots_.front().output->frame.size();
      outputs_.push_back(std::move(*slots_.front().output));
    }
    slots_.pop_front();
    ++first_slot_;
  }
  if (!is_dispatching_) write();
}

void Connection::write() {
  if (is_closed_ || writing_ > 0 || outputs_.empty()) return;
  writing_ = std::min(outputs_.size(), kOutputsPerWrite);
  std::vector<base::ByteView> parts;
  for (size_t i = 0; i < writing_; ++i) {
    const auto fragments = outputs_[i].frame.fragments();
    parts.insert(parts.end(), fragments.begin(), fragments.end());
  }
  transport_->write(std::move(parts), [self = shared_from_this()](base::Result<void> written) {
    if (!written) return self->close();
    self->write_done();
  });
}

void Connection::write_done() {
  for (; writing_ > 0; --writing_) {
    output_bytes_ -= outputs_.front().frame.size();
    outputs_.pop_front();
  }
  write();
  // Requests may stand in the buffer that were left there because too much was unanswered.
  if (!is_reading_) {
    const bool is_sane = take_requests();
    share_.requests_handled();
    if (!is_sane) return close();
    write();
    read();
  }
}

}  // namespace ticklake::broker
