#include "broker/log/compaction.h"

#include <vector>

namespace ticklake::broker {
namespace {

constexpr size_t kRecordsBytesMax = size_t{256} << 20;
/// What an entry costs beside its key: node, string and bucket.
constexpr size_t kEntryBytes = 80;

bool is_horizon_over(const kafka::BatchHeader& header, const CompactionRules& rules) {
  return header.has_delete_horizon() && header.base_timestamp_ms < rules.now_ms;
}

/// Nothing of its records is left: it goes, or stays as a header.
base::Result<CompactedBatch> emptied(const kafka::BatchHeader& header,
                                     const CompactionRules& rules) {
  if (header.producer_id < 0 ||
      rules.producers.last_offset(header.producer_id) != header.last_offset()) {
    return CompactedBatch{};
  }
  if (header.record_count == 0) return CompactedBatch{.is_kept = true};
  TICKLAKE_ASSIGN(base::Bytes bytes, kafka::rewrite_batch(header, {}, kafka::Codec::kNone));
  return CompactedBatch{.is_kept = true, .rewritten = std::move(bytes)};
}

/// It alone tells which epoch its producer has.
bool is_last_of_producer(const kafka::BatchHeader& marker, const ProducerState& producers) {
  const ProducerState::Producer* const producer = producers.find(marker.producer_id);
  return producer && producer->batches.empty() && producer->epoch == marker.producer_epoch;
}

base::Result<CompactedBatch> compact_marker(base::ByteView batch, const kafka::BatchHeader& header,
                                            const CompactionRules& rules) {
  const auto marker = parse_end_marker(batch);
  // Of a kind that is not known here.
  if (!marker) return CompactedBatch{.is_kept = true};
  const CleanedTransactions::Ended ended = rules.transactions.end(header, *marker);
  if (ended.had_data || is_last_of_producer(header, rules.producers)) {
    return CompactedBatch{.is_kept = true, .aborted = ended.aborted};
  }
  if (header.has_delete_horizon())
    return CompactedBatch{.is_kept = !is_horizon_over(header, rules)};
  TICKLAKE_ASSIGN(const kafka::BatchRecords read,
                  kafka::BatchRecords::read(batch, kRecordsBytesMax));
  TICKLAKE_ASSIGN(base::Bytes bytes,
                  kafka::rewrite_batch(header, read.records(), kafka::Codec::kNone,
                                       rules.now_ms + rules.delete_retention_ms));
  return CompactedBatch{.is_kept = true, .rewritten = std::move(bytes)};
}

}  // namespace

base::Result<void> KeyOffsets::add(base::ByteView batch, const kafka::BatchHeader& header) {
  if (header.is_control() || header.record_count == 0) return {};
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
  if (header.is_control()) return compact_marker(batch, header, rules);
  if (rules.transactions.is_aborted(header)) return emptied(header, rules);
  TICKLAKE_ASSIGN(const kafka::BatchRecords read,
                  kafka::BatchRecords::read(batch, kRecordsBytesMax));
  bool needs_horizon = false;
  std::vector<kafka::Record> kept;
  for (const kafka::Record& record : read.records()) {
    if (record.offset < rules.end_offset) {
      if (!record.key) continue;
      const auto last = rules.keys.last_offset(*record.key);
      if (last && *last > record.offset) continue;
      if (!record.value && is_horizon_over(header, rules)) continue;
      needs_horizon = needs_horizon || (!record.value && !header.has_delete_horizon());
    }
    kept.push_back(record);
  }
  if (kept.empty()) return emptied(header, rules);
  if (kept.size() == read.records().size() && !needs_horizon)
    return CompactedBatch{.is_kept = true};
  std::optional<int64_t> horizon_ms;
  if (needs_horizon) horizon_ms = rules.now_ms + rules.delete_retention_ms;
  TICKLAKE_ASSIGN(base::Bytes bytes,
                  kafka::rewrite_batch(header, kept, static_cast<kafka::Codec>(header.codec_bits()),
                                       horizon_ms));
  return CompactedBatch{.is_kept = true, .rewritten = std::move(bytes)};
}

}  // namespace ticklake::broker
