#include "broker/log/producer_state.h"

#include <algorithm>
#include <limits>

#include "base/crc32c.h"

namespace ticklake::broker {
namespace {

constexpr int16_t kSnapshotVersion = 1;
constexpr size_t kSnapshotHeaderBytes = 6;  // version, crc
constexpr size_t kSnapshotEntryBytes = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

}  // namespace

int32_t ProducerState::sequence_after(int32_t sequence, int32_t count) {
  // Sequences count from 0 to INT_MAX and then from 0 again.
  const int64_t sum = int64_t{sequence} + count;
  return static_cast<int32_t>(sum & std::numeric_limits<int32_t>::max());
}

ProducerState::Verdict ProducerState::check(const kafka::BatchHeader& header) const {
  if (header.producer_id < 0) return {};
  const auto found = producers_.find(header.producer_id);
  if (found == producers_.end()) return {};
  const Producer& producer = found->second;
  if (header.producer_epoch < producer.epoch) {
    return {kafka::ErrorCode::kInvalidProducerEpoch, {}};
  }
  if (header.producer_epoch > producer.epoch) {
    return {header.base_sequence == 0 ? kafka::ErrorCode::kNone
                                      : kafka::ErrorCode::kOutOfOrderSequenceNumber,
            {}};
  }
  const int32_t last = sequence_after(header.base_sequence, header.last_offset_delta);
  for (const Batch& batch : producer.batches) {
    if (batch.first_sequence == header.base_sequence && batch.last_sequence == last) {
      return {kafka::ErrorCode::kNone, batch};
    }
  }
  if (producer.batches.empty()) return {};
  if (header.base_sequence != sequence_after(producer.batches.back().last_sequence, 1)) {
    return {kafka::ErrorCode::kOutOfOrderSequenceNumber, {}};
  }
  return {};
}

void ProducerState::update(const kafka::BatchHeader& header) {
  if (header.producer_id < 0 || header.is_control()) return;
  Producer& producer = producers_[header.producer_id];
  if (header.producer_epoch != producer.epoch) producer.batches.clear();
  producer.epoch = header.producer_epoch;
  producer.batches.push_back({header.base_sequence,
                              sequence_after(header.base_sequence, header.last_offset_delta),
                              header.base_offset, header.last_offset(), header.max_timestamp_ms});
  if (producer.batches.size() > kBatchesKept) producer.batches.pop_front();
}

std::optional<int64_t> ProducerState::last_offset(int64_t producer_id) const {
  const auto found = producers_.find(producer_id);
  if (found == producers_.end() || found->second.batches.empty()) return std::nullopt;
  return found->second.batches.back().last_offset;
}

void ProducerState::expire(int64_t now_ms) {
  std::erase_if(producers_, [&](const auto& entry) {
    const std::deque<Batch>& batches = entry.second.batches;
    return batches.empty() || batches.back().timestamp_ms + kExpirationMs < now_ms;
  });
}

base::Bytes ProducerState::snapshot() const {
  base::ByteWriter writer;
  writer.big_endian(kSnapshotVersion);
  writer.big_endian(uint32_t{0});
  writer.big_endian(static_cast<int32_t>(producers_.size()));
  for (const auto& [id, producer] : producers_) {
    const Batch batch = producer.batches.empty() ? Batch{} : producer.batches.back();
    writer.big_endian(id);
    writer.big_endian(producer.epoch);
    writer.big_endian(batch.last_sequence);
    writer.big_endian(batch.last_offset);
    writer.big_endian(static_cast<int32_t>(batch.last_offset - batch.base_offset));
    writer.big_endian(batch.timestamp_ms);
    writer.big_endian(int32_t{-1});  // coordinator epoch: no transactions
    writer.big_endian(int64_t{-1});  // first offset of the open transaction
  }
  const uint32_t crc = base::crc32c(writer.view().subspan(kSnapshotHeaderBytes));
  base::store_big_endian(writer.at(sizeof kSnapshotVersion), crc);
  return writer.take();
}

base::Result<void> ProducerState::restore(base::ByteView snapshot) {
  base::ByteReader reader(snapshot);
  const auto version = reader.big_endian<int16_t>();
  const auto crc = reader.big_endian<uint32_t>();
  if (!reader.ok() || version != kSnapshotVersion || base::crc32c(reader.rest()) != crc) {
    return base::fail(base::ErrorCode::kCorrupt, "the producer snapshot does not read");
  }
  const auto count = reader.big_endian<int32_t>();
  if (count < 0 || static_cast<size_t>(count) * kSnapshotEntryBytes > reader.remaining()) {
    return base::fail(base::ErrorCode::kCorrupt, "the producer snapshot is cut");
  }
  for (int32_t i = 0; i < count; ++i) {
    Producer producer;
    Batch batch;
    const auto id = reader.big_endian<int64_t>();
    producer.epoch = reader.big_endian<int16_t>();
    batch.last_sequence = reader.big_endian<int32_t>();
    batch.last_offset = reader.big_endian<int64_t>();
    const auto delta = reader.big_endian<int32_t>();
    batch.timestamp_ms = reader.big_endian<int64_t>();
    reader.take(4 + 8);
    batch.base_offset = batch.last_offset - delta;
    // Exact because a batch has no gaps when it is appended; the mask undoes the wrap.
    batch.first_sequence = static_cast<int32_t>((int64_t{batch.last_sequence} - delta) &
                                                std::numeric_limits<int32_t>::max());
    producer.batches.push_back(batch);
    producers_.try_emplace(id, std::move(producer));
  }
  return {};
}

}  // namespace ticklake::broker
