#include <fmt/format.h>

#include "broker/log/partition_log.h"

namespace ticklake::broker {
namespace {

constexpr int kCodecBitsMax = 4;

tl::unexpected<LogError> refuse(kafka::ErrorCode code, std::string message) {
  return tl::unexpected<LogError>({code, std::move(message)});
}

}  // namespace

LogResult<kafka::BatchHeader> check_batch(base::ByteView bytes, size_t batch_bytes_max) {
  using kafka::ErrorCode;
  const auto header = kafka::parse_batch_header(bytes);
  if (!header) return refuse(ErrorCode::kCorruptMessage, header.error().what);
  if (header->size() > bytes.size()) {
    return refuse(ErrorCode::kCorruptMessage,
                  fmt::format("the batch is cut: it says {} bytes and {} came", header->size(),
                              bytes.size()));
  }
  if (header->size() < bytes.size()) {
    return refuse(ErrorCode::kInvalidRecord, "a produce request takes one batch a partition");
  }
  if (bytes.size() > batch_bytes_max) {
    return refuse(ErrorCode::kMessageTooLarge,
                  fmt::format("a batch of {} bytes; the limit (max.message.bytes) is {}",
                              bytes.size(), batch_bytes_max));
  }
  if (!kafka::batch_crc_matches(bytes, *header)) {
    return refuse(ErrorCode::kCorruptMessage, "the batch's CRC is wrong");
  }
  if (header->record_count <= 0 || header->record_count - 1 != header->last_offset_delta) {
    return refuse(ErrorCode::kInvalidRecord,
                  fmt::format("{} records with a last offset delta of {}", header->record_count,
                              header->last_offset_delta));
  }
  if (header->is_control()) {
    return refuse(ErrorCode::kInvalidRecord, "clients may not write control batches");
  }
  if (header->codec_bits() > kCodecBitsMax) {
    return refuse(ErrorCode::kUnsupportedCompressionType,
                  fmt::format("there is no codec {}", header->codec_bits()));
  }
  if (header->is_transactional() && header->producer_id < 0) {
    return refuse(ErrorCode::kInvalidRecord, "a transactional batch without a producer id");
  }
  if (header->producer_id >= 0 && (header->base_sequence < 0 || header->producer_epoch < 0)) {
    return refuse(ErrorCode::kInvalidRecord, "a producer id without a sequence or epoch");
  }
  return *header;
}

}  // namespace ticklake::broker
