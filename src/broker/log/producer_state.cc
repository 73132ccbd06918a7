#include "broker/log/producer_state.h"

#include <algorithm>
#include <limits>

#include "base/crc32c.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;

constexpr int16_t kSnapshotVersion = 1;
constexpr size_t kSnapshotHeaderBytes = 6;  // version, crc
constexpr size_t kSnapshotEntryBytes = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

ProducerState::Batch batch_of(const kafka::BatchHeader& header) {
  // What a coordinator writes has no sequence.
  const int32_t last =
      header.base_sequence < 0
          ? -1
          : ProducerState::sequence_after(header.base_sequence, header.last_offset_delta);
  return {header.base_sequence, last, header.base_offset, header.last_offset(),
          header.max_timestamp_ms};
}

}  // namespace

int32_t ProducerState::sequence_after(int32_t sequence, int32_t count) {
  // Sequences count from 0 to INT_MAX and then from 0 again.
  const int64_t sum = int64_t{sequence} + count;
  return static_cast<int32_t>(sum & std::numeric_limits<int32_t>::max());
}

const ProducerState::Producer* ProducerState::find(int64_t producer_id) const {
  const auto found = producers_.find(producer_id);
  return found == producers_.end() ? nullptr : &found->second;
}

ProducerState::Verdict ProducerState::check(const kafka::BatchHeader& header, Origin origin) const {
  if (header.producer_id < 0) return {};
  const Producer* const producer = find(header.producer_id);
  if (!producer) return {};
  if (header.producer_epoch < producer->epoch) return {ErrorCode::kInvalidProducerEpoch, {}};
  if (origin == Origin::kCoordinator) return {};
  int32_t expected = 0;
  if (header.producer_epoch == producer->epoch && !producer->batches.empty()) {
    const int32_t last = sequence_after(header.base_sequence, header.last_offset_delta);
    for (const Batch& batch : producer->batches) {
      if (batch.first_sequence == header.base_sequence && batch.last_sequence == last) {
        return {ErrorCode::kNone, batch};
      }
    }
    expected = sequence_after(producer->batches.back().last_sequence, 1);
  }
  if (header.base_sequence != expected) return {ErrorCode::kOutOfOrderSequenceNumber, {}};
  if (producer->open_since && !header.is_transactional()) return {ErrorCode::kInvalidTxnState, {}};
  return {};
}

ErrorCode ProducerState::check_marker(int64_t producer_id, int16_t producer_epoch,
                                      int32_t coordinator_epoch) const {
  const Producer* const producer = find(producer_id);
  if (!producer) return ErrorCode::kNone;
  if (producer_epoch < producer->epoch) return ErrorCode::kInvalidProducerEpoch;
  return coordinator_epoch < producer->coordinator_epoch ? ErrorCode::kTransactionCoordinatorFenced
                                                         : ErrorCode::kNone;
}

ProducerState::Producer& ProducerState::heard_of(int64_t producer_id, int16_t epoch,
                                                 std::optional<int64_t> now_ms) {
  const auto found = producers_.find(producer_id);
  if (found == producers_.end() && producers_.size() >= kProducersMax) forget_most_silent();
  Producer& producer = found == producers_.end() ? producers_[producer_id] : found->second;
  if (epoch != producer.epoch) producer.batches.clear();
  producer.epoch = epoch;
  producer.heard_of_ms = now_ms;
  return producer;
}

void ProducerState::update(const kafka::BatchHeader& header, std::optional<int64_t> now_ms) {
  if (header.producer_id < 0 || header.is_control()) return;
  Producer& producer = heard_of(header.producer_id, header.producer_epoch, now_ms);
  producer.last_timestamp_ms = header.max_timestamp_ms;
  if (producer.batches.size() == kBatchesKept) producer.batches.erase(producer.batches.begin());
  producer.batches.push_back(batch_of(header));
  if (header.is_transactional() && !producer.open_since) {
    producer.open_since = header.base_offset;
    open_.emplace(header.base_offset, header.producer_id);
  }
}

std::optional<ProducerState::Ended> ProducerState::update(const kafka::BatchHeader& header,
                                                          const EndMarker& marker,
                                                          std::optional<int64_t> now_ms) {
  Producer& producer = heard_of(header.producer_id, header.producer_epoch, now_ms);
  producer.coordinator_epoch = marker.coordinator_epoch;
  producer.last_timestamp_ms = header.max_timestamp_ms;
  if (!producer.open_since) return std::nullopt;
  const int64_t first_offset = *producer.open_since;
  producer.open_since.reset();
  open_.erase(first_offset);
  ended_[first_offset] = header.last_offset();
  return Ended{first_offset, open_.empty() ? header.next_offset() : open_.begin()->first};
}

std::optional<int64_t> ProducerState::first_unstable_offset(int64_t high_watermark) {
  std::erase_if(ended_, [&](const auto& entry) { return entry.second < high_watermark; });
  return first_unstable_offset();
}

std::optional<int64_t> ProducerState::first_unstable_offset() const {
  std::optional<int64_t> first;
  if (!open_.empty()) first = open_.begin()->first;
  if (!ended_.empty() && (!first || ended_.begin()->first < *first)) first = ended_.begin()->first;
  return first;
}

std::optional<int64_t> ProducerState::last_offset(int64_t producer_id) const {
  const auto found = producers_.find(producer_id);
  if (found == producers_.end() || found->second.batches.empty()) return std::nullopt;
  return found->second.batches.back().last_offset;
}

void ProducerState::expire(int64_t now_ms, int64_t silence_max_ms) {
  for (auto& [id, producer] : producers_) {
    if (!producer.heard_of_ms) producer.heard_of_ms = now_ms;
  }
  std::erase_if(producers_, [&](const auto& entry) {
    return !entry.second.open_since && *entry.second.heard_of_ms + silence_max_ms < now_ms;
  });
}

void ProducerState::forget_most_silent() {
  std::vector<int64_t> times;
  for (const auto& [id, producer] : producers_) {
    if (!producer.open_since) times.push_back(producer.heard_of_ms.value_or(-1));
  }
  if (times.empty()) return;
  const auto quarter = times.begin() + static_cast<ptrdiff_t>(times.size() / 4);
  std::nth_element(times.begin(), quarter, times.end());
  size_t left = times.size() / 4 + 1;
  std::erase_if(producers_, [&](const auto& entry) {
    const bool goes =
        left > 0 && !entry.second.open_since && entry.second.heard_of_ms.value_or(-1) <= *quarter;
    if (goes) --left;
    return goes;
  });
}

void ProducerState::clear() {
  producers_.clear();
  open_.clear();
  ended_.clear();
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
    writer.big_endian(producer.last_timestamp_ms);
    writer.big_endian(producer.coordinator_epoch);
    writer.big_endian(producer.open_since.value_or(-1));
  }
  const uint32_t crc = base::crc32c(writer.view().subspan(kSnapshotHeaderBytes));
  base::store_big_endian(writer.at(sizeof kSnapshotVersion), crc);
  return writer.take();
}

base::Result<void> ProducerState::restore(base::ByteView snapshot) {
  clear();
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
    producer.last_timestamp_ms = batch.timestamp_ms = reader.big_endian<int64_t>();
    producer.coordinator_epoch = reader.big_endian<int32_t>();
    const auto open_since = reader.big_endian<int64_t>();
    if (batch.last_offset >= 0) batch.base_offset = batch.last_offset - delta;
    if (batch.last_sequence >= 0) {
      // Exact because a batch has no gaps when it is appended; the mask undoes the wrap.
      batch.first_sequence = static_cast<int32_t>((int64_t{batch.last_sequence} - delta) &
                                                  std::numeric_limits<int32_t>::max());
    }
    if (batch.last_offset >= 0 && delta >= 0) producer.batches.push_back(batch);
    if (open_since >= 0 && !producers_.contains(id)) {
      producer.open_since = open_since;
      open_.emplace(open_since, id);
    }
    producers_.try_emplace(id, std::move(producer));
  }
  return {};
}

void ProducerState::recall(const kafka::BatchHeader& header) {
  const auto found = producers_.find(header.producer_id);
  if (found == producers_.end() || header.is_control()) return;
  Producer& producer = found->second;
  if (producer.batches.empty() || header.producer_epoch != producer.epoch) return;
  const Batch batch = batch_of(header);
  if (batch.last_offset == producer.batches.back().last_offset) producer.batches.back() = batch;
  if (batch.last_offset >= producer.batches.back().last_offset) return;
  producer.batches.insert(producer.batches.end() - 1, batch);
  if (producer.batches.size() > kBatchesKept) producer.batches.erase(producer.batches.begin());
}

}  // namespace ticklake::broker
