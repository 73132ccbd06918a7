#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"
#include "broker/log/cleaned_transactions.h"
#include "broker/log/producer_state.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {

// What compaction does to a batch (KIP-58's log cleaner, tombstones by KIP-534). No I/O.

/// The last offset of each key in a stretch of a log, within a budget of memory.
class KeyOffsets {
 public:
  explicit KeyOffsets(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Adds the keys of a batch's records. Batches come in the order of the log, without those of
  /// aborted transactions. Control batches are passed over.
  base::Result<void> add(base::ByteView batch, const kafka::BatchHeader& header);
  /// The budget is spent: the stretch ends behind the last batch that was added.
  bool is_full() const { return bytes_ >= bytes_max_; }
  /// None if the key does not occur.
  std::optional<int64_t> last_offset(std::string_view key) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  size_t bytes_max_;
  size_t bytes_ = 0;
  std::unordered_map<std::string, int64_t, Hash, std::equal_to<>> offsets_;
};

struct CompactionRules {
  const KeyOffsets& keys;
  /// The keys are those up to here; what stands at or behind it stays as it is.
  int64_t end_offset = 0;
  int64_t now_ms = 0;
  int64_t delete_retention_ms = 0;
  /// The last batch of a producer stays, if only as a header: its sequence is needed.
  const ProducerState& producers;
  /// Is told of every batch, from the log's first on.
  CleanedTransactions& transactions;
};

struct CompactedBatch {
  bool is_kept = false;
  std::optional<base::Bytes> rewritten = {};  ///< none: it stays as it is
  /// It is a marker that aborted what there was until now; the segment's index tells it.
  std::optional<AbortedTransaction> aborted = {};
};

/// Keeps of each key the last record, and of tombstones those whose time is not over: it begins
/// when the cleaner first meets them. A record without a key goes, and what was aborted. A marker
/// stays while records of its transaction do, and then as long as a tombstone: a reader that was on
/// its way through the transaction meets its end.
base::Result<CompactedBatch> compact_batch(base::ByteView batch, const kafka::BatchHeader& header,
                                           const CompactionRules& rules);

}  // namespace ticklake::broker
