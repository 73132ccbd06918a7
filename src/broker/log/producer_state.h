#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "broker/log/end_marker.h"
#include "kafka/error_code.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {

/// What a partition remembers of its idempotent and transactional producers (KIP-98): the last five
/// batches of each, so that a batch sent again is answered, not stored twice, and a gap is refused;
/// and which transactions are open.
class ProducerState {
 public:
  static constexpr size_t kBatchesKept = 5;
  /// With more of them the most silent quarter is forgotten: Kafka has no such bound, and a client
  /// may take a new id for each batch.
  static constexpr size_t kProducersMax = 100'000;

  /// Whose batch it is: offsets and markers that the coordinators write have no sequences.
  enum class Origin : uint8_t { kClient, kCoordinator };

  struct Batch {
    int32_t first_sequence = -1;
    int32_t last_sequence = -1;
    int64_t base_offset = -1;
    int64_t last_offset = -1;
    int64_t timestamp_ms = -1;
  };
  struct Producer {
    int16_t epoch = -1;
    int32_t coordinator_epoch = -1;     ///< of the last marker; -1: none
    int64_t last_timestamp_ms = -1;     ///< that its last batch or marker bears
    std::optional<int64_t> open_since;  ///< first offset of its open transaction
    /// By the broker's clock; none: not since the log was opened.
    std::optional<int64_t> heard_of_ms;
    std::vector<Batch> batches;  ///< of this epoch, oldest first
  };
  /// kNone and no duplicate: append it.
  struct Verdict {
    kafka::ErrorCode error = kafka::ErrorCode::kNone;
    std::optional<Batch> duplicate_of;
  };
  struct Ended {
    int64_t first_offset = -1;
    int64_t last_stable_offset = -1;  ///< what it becomes with this marker
  };

  /// What to do with a batch of data that is to be appended (its base offset is not set yet).
  Verdict check(const kafka::BatchHeader& header, Origin origin = Origin::kClient) const;
  kafka::ErrorCode check_marker(int64_t producer_id, int16_t producer_epoch,
                                int32_t coordinator_epoch) const;
  /// The batch of data stands in the log; its base offset is set. `now_ms` is the broker's clock,
  /// none when an old log is read.
  void update(const kafka::BatchHeader& header, std::optional<int64_t> now_ms);
  /// The marker stands in the log. The transaction that it ended, if there was one.
  std::optional<Ended> update(const kafka::BatchHeader& header, const EndMarker& marker,
                              std::optional<int64_t> now_ms);

  /// The first offset of the oldest transaction that is open, or whose marker is not below
  /// `high_watermark`, which must not go back.
  std::optional<int64_t> first_unstable_offset(int64_t high_watermark);
  /// The same as of the last such call.
  std::optional<int64_t> first_unstable_offset() const;
  const Producer* find(int64_t producer_id) const;
  const std::unordered_map<int64_t, Producer>& producers() const { return producers_; }

  /// Forgets who has been silent for longer than that, but none whose transaction is open. A
  /// producer that was loaded counts from the first call on.
  void expire(int64_t now_ms, int64_t silence_max_ms);
  void clear();
  bool empty() const { return producers_.empty(); }
  /// Of the last batch of that producer; none if it is not known.
  std::optional<int64_t> last_offset(int64_t producer_id) const;

  /// Kafka's .snapshot file (ProducerSnapshot of 3.9, version 1): only the last batch of each.
  base::Bytes snapshot() const;
  /// Takes the place of what is known. kCorrupt if it does not read.
  base::Result<void> restore(base::ByteView snapshot);
  /// A batch that stands before the last one in the log, whose producer the snapshot has.
  void recall(const kafka::BatchHeader& header);

  static int32_t sequence_after(int32_t sequence, int32_t count);

 private:
  Producer& heard_of(int64_t producer_id, int16_t epoch, std::optional<int64_t> now_ms);
  void forget_most_silent();

  std::unordered_map<int64_t, Producer> producers_;
  std::map<int64_t, int64_t> open_;   ///< first offset -> producer id
  std::map<int64_t, int64_t> ended_;  ///< first offset -> offset of the marker
};

}  // namespace ticklake::broker
