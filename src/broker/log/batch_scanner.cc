#include "broker/log/batch_scanner.h"

#include <algorithm>

namespace ticklake::broker {
namespace {

constexpr size_t kReadBytes = size_t{1} << 20;

}  // namespace

base::Result<base::ByteView> BatchScanner::look(size_t bytes) {
  const bool is_buffered =
      position_ >= buffer_position_ && position_ + bytes <= buffer_position_ + buffer_.size();
  if (!is_buffered) {
    const uint64_t wanted = std::min<uint64_t>(std::max(bytes, kReadBytes), end_ - position_);
    buffer_.resize(wanted);
    buffer_position_ = position_;
    TICKLAKE_ASSIGN(const size_t got, file_.read_at(position_, buffer_));
    buffer_.resize(got);
  }
  const base::ByteView rest = base::ByteView(buffer_).subspan(position_ - buffer_position_);
  return rest.first(std::min(bytes, rest.size()));
}

base::Result<std::optional<BatchScanner::Batch>> BatchScanner::next() {
  if (position_ >= end_) return std::nullopt;
  TICKLAKE_ASSIGN(const base::ByteView head, look(kafka::kBatchHeaderBytes));
  TICKLAKE_ASSIGN(const kafka::BatchHeader header, kafka::parse_batch_header(head));
  if (header.size() > end_ - position_) {
    return base::fail(base::ErrorCode::kInvalidData, "the batch is cut");
  }
  TICKLAKE_ASSIGN(const base::ByteView bytes, look(header.size()));
  if (bytes.size() < header.size()) {
    return base::fail(base::ErrorCode::kInvalidData, "the batch is cut");
  }
  Batch batch{header, position_, bytes};
  position_ += header.size();
  return batch;
}

}  // namespace ticklake::broker
