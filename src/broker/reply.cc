#include "broker/connection.h"
#include "broker/request_context.h"

namespace ticklake::broker {

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

void Reply::send_raw(base::ByteView bytes) {
  base::ByteWriter writer;
  writer.big_endian(static_cast<int32_t>(bytes.size()));
  writer.append(bytes);
  kafka::Frame frame;
  frame.bytes = writer.take();
  send_frame(std::move(frame), {});
}

int32_t Reply::throttle(size_t answer_bytes) const {
  const auto connection = connection_.lock();
  return connection && is_open_ ? connection->throttle(sequence_, answer_bytes) : 0;
}

void Reply::close_after() {
  if (const auto connection = connection_.lock(); connection && is_open_) {
    connection->close_after(sequence_);
  }
}

}  // namespace ticklake::broker
