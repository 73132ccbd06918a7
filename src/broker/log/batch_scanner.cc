#include "broker/log/batch_scanner.h"

#include <algorithm>

#include "base/crc32c.h"

namespace ticklake::broker {
namespace {

constexpr size_t kReadBytes = size_t{1} << 20;
constexpr size_t kPieceBytes = size_t{64} << 10;

}  // namespace

base::Result<bool> batch_crc_matches(base::File& file, uint64_t position,
                                     const kafka::BatchHeader& header) {
  base::Bytes piece(std::min(header.size(), kPieceBytes));
  uint32_t crc = 0;
  for (size_t done = kafka::kBatchCrcStart; done < header.size();) {
    const auto wanted = std::span(piece).first(std::min(piece.size(), header.size() - done));
    TICKLAKE_ASSIGN(const size_t got, file.read_at(position + done, wanted));
    if (got == 0) return false;
    crc = base::crc32c(wanted.first(got), crc);
    done += got;
  }
  return crc == header.crc;
}

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
  if (header.size() > kUncheckedBatchBytesMax) {
    TICKLAKE_ASSIGN(const bool is_sound, batch_crc_matches(file_, position_, header));
    if (!is_sound) return base::fail(base::ErrorCode::kInvalidData, "its CRC is wrong");
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
