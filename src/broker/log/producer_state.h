#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"
#include "kafka/error_code.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {

/// What a partition remembers of its idempotent producers (KIP-98): the last five batches of each,
/// so that a batch sent again is answered, not stored twice, and a gap is refused.
class ProducerState {
 public:
  static constexpr size_t kBatchesKept = 5;
  /// Kafka's producer.id.expiration.ms; a producer silent for longer is forgotten.
  static constexpr int64_t kExpirationMs = 24 * 60 * 60 * 1000;

  struct Batch {
    int32_t first_sequence = -1;
    int32_t last_sequence = -1;
    int64_t base_offset = -1;
    int64_t last_offset = -1;
    int64_t timestamp_ms = -1;
  };
  /// kNone and no duplicate: append it.
  struct Verdict {
    kafka::ErrorCode error = kafka::ErrorCode::kNone;
    std::optional<Batch> duplicate_of;
  };

  /// What to do with a batch that a client sends (its base offset is not set yet).
  Verdict check(const kafka::BatchHeader& header) const;
  /// The batch stands in the log; its base offset is set.
  void update(const kafka::BatchHeader& header);
  void expire(int64_t now_ms);
  void clear() { producers_.clear(); }
  bool empty() const { return producers_.empty(); }
  /// Of the last batch of that producer; none if it is not known.
  std::optional<int64_t> last_offset(int64_t producer_id) const;

  /// Kafka's .snapshot file (ProducerSnapshot of 3.9, version 1): only the last batch of each.
  base::Bytes snapshot() const;
  /// Adds the producers of a snapshot that are not known yet. kCorrupt if it does not read.
  base::Result<void> restore(base::ByteView snapshot);

  static int32_t sequence_after(int32_t sequence, int32_t count);

 private:
  struct Producer {
    int16_t epoch = -1;
    std::deque<Batch> batches;  ///< oldest first
  };
  std::unordered_map<int64_t, Producer> producers_;
};

}  // namespace ticklake::broker
