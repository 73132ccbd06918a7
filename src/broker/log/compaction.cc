#include "broker/log/compaction.h"

#include <vector>

namespace ticklake::broker {
namespace {

constexpr size_t kRecordsBytesMax = size_t{256} << 20;
/// What an entry costs beside its key: node, string and bucket.
constexpr size_t kEntryBytes = 80;

bool is_left_alone(const kafka::BatchHeader& header) {
  return header.is_control() || header.is_transactional();
}

}  // namespace

base::Result<void> KeyOffsets::add(base::ByteView batch, const kafka::BatchHeader& header) {
  if (is_left_alone(header) || header.record_count == 0) return {};
  TICKLAKE_ASSIGN(const kafka::BatchRecords read,
                  kafka::BatchRecords::read(batch, kRecordsBytesMax));
  for (const kafka::Record& record : read.records()) {
    if (!record.key) continue;
    const auto [entry, is_new] = offsets_.try_emplace(std::string(*record.key), record.offset);
    entry->second = record.offset;
    if (is_new) bytes_ += record.key->size() + kEntryBytes;
  }
  return {};
}

std::optional<int64_t> KeyOffsets::last_offset(std::string_view key) const {
  const auto found = offsets_.find(key);
  if (found == offsets_.end()) return std::nullopt;
  return found->second;
}

base::Result<CompactedBatch> compact_batch(base::ByteView batch, const kafka::BatchHeader& header,
                                           const CompactionRules& rules) {
  if (is_left_alone(header)) return CompactedBatch{true, {}};
  TICKLAKE_ASSIGN(const kafka::BatchRecords read,
                  kafka::BatchRecords::read(batch, kRecordsBytesMax));
  const bool is_horizon_over =
      header.has_delete_horizon() && header.base_timestamp_ms < rules.now_ms;
  bool needs_horizon = false;
  std::vector<kafka::Record> kept;
  for (const kafka::Record& record : read.records()) {
    if (record.offset < rules.end_offset) {
      if (!record.key) continue;
      const auto last = rules.keys.last_offset(*record.key);
      if (last && *last > record.offset) continue;
      if (!record.value && is_horizon_over) continue;
      needs_horizon = needs_horizon || (!record.value && !header.has_delete_horizon());
    }
    kept.push_back(record);
  }
  if (kept.empty()) {
    if (rules.producers.last_offset(header.producer_id) != header.last_offset()) {
      return CompactedBatch{};
    }
    TICKLAKE_ASSIGN(base::Bytes bytes, kafka::rewrite_batch(header, {}, kafka::Codec::kNone));
    return CompactedBatch{true, std::move(bytes)};
  }
  if (kept.size() == read.records().size() && !needs_horizon) return CompactedBatch{true, {}};
  std::optional<int64_t> horizon_ms;
  if (needs_horizon) horizon_ms = rules.now_ms + rules.delete_retention_ms;
  TICKLAKE_ASSIGN(base::Bytes bytes,
                  kafka::rewrite_batch(header, kept, static_cast<kafka::Codec>(header.codec_bits()),
                                       horizon_ms));
  return CompactedBatch{true, std::move(bytes)};
}

}  // namespace ticklake::broker
