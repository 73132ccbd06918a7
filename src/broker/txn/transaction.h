#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace ticklake::broker {

using TopicPartition = std::pair<std::string, int32_t>;

/// Kafka's states, with the numbers that they have in `__transaction_state`.
enum class TxnState : int8_t {
  kEmpty = 0,  ///< a producer, but no transaction yet
  kOngoing = 1,
  kPrepareCommit = 2,  ///< decided: the markers are being written
  kPrepareAbort = 3,
  kCompleteCommit = 4,
  kCompleteAbort = 5,
  kDead = 6,
  kPrepareEpochFence = 7,
};

/// Kafka's name, for example "PrepareCommit".
std::string_view name_of(TxnState state);
std::optional<TxnState> parse_txn_state(std::string_view name);

/// What is kept of a transactional id: its producer, and its last transaction.
struct TxnMetadata {
  static constexpr int16_t kNoEpoch = -1;
  /// The epoch from which on a producer gets a new id. One is left for fencing it.
  static constexpr int16_t kEpochExhausted = 0x7fff - 1;

  int64_t producer_id = -1;
  int16_t producer_epoch = kNoEpoch;
  /// What the producer had before, so that it may ask once more for what it was answered. Not
  /// stored, as in Kafka: a retry over a restart is fenced.
  int64_t last_producer_id = -1;
  int16_t last_producer_epoch = kNoEpoch;
  int32_t timeout_ms = 0;
  TxnState state = TxnState::kEmpty;
  /// Of the open transaction; while it is completed, those that have no marker yet.
  std::set<TopicPartition> partitions;
  int64_t start_ms = -1;   ///< wall clock; -1: no transaction
  int64_t update_ms = -1;  ///< wall clock

  static bool is_exhausted(int16_t epoch) { return epoch >= kEpochExhausted; }
  bool is_prepared() const {
    return state == TxnState::kPrepareCommit || state == TxnState::kPrepareAbort;
  }
  bool operator==(const TxnMetadata&) const = default;
};

}  // namespace ticklake::broker
