#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ticklake::broker {

/// One record of a coordinator's topic, in Kafka's own schema (see group_records.h, txn_records.h).
struct CoordinatorRecord {
  base::Bytes key;
  std::optional<base::Bytes> value;  ///< none: a tombstone, which removes the key
};

struct ProducerIdAndEpoch {
  int64_t id = -1;
  int16_t epoch = -1;
};

/// Where a coordinator keeps its state: an internal topic (`__consumer_offsets`,
/// `__transaction_state`), seen as a list of records. One thread, that of the broker's loop.
class CoordinatorLog {
 public:
  /// Called once for each append, on the same thread; a failure may be told before append() has
  /// returned.
  using Appended = std::function<void(base::Result<void>)>;
  struct Visitor {
    /// `producer_id` is that of the transaction which the record is part of, -1 if of none.
    std::function<void(base::ByteView key, std::optional<base::ByteView> value,
                       int64_t producer_id)>
        record;
    /// What that producer wrote in a transaction counts from here on, or never.
    std::function<void(int64_t producer_id, bool is_commit)> marker;
  };

  virtual ~CoordinatorLog() = default;

  /// Appends the records (at least one, a few hundred bytes each; at most some thousand of them) as
  /// one batch, which recovery keeps whole or drops whole. `done` gets success once the batch is on
  /// disk, as for a produce with acks=all. Appends become durable in the order of the calls, and
  /// are reported in that order.
  virtual void append(std::vector<CoordinatorRecord> records, Appended done) = 0;
  /// The same as part of that producer's transaction; kFenced if the log knows of a newer epoch.
  virtual void append_in_transaction(ProducerIdAndEpoch producer,
                                     std::vector<CoordinatorRecord> records, Appended done) = 0;

  /// Visits every record in the order in which they were appended; what was not yet durable at a
  /// crash may be missing from the end. Called once, before the first append. The views are valid
  /// during the visit only. kCorrupt if a batch cannot be read.
  virtual base::Result<void> replay(const Visitor& visitor) = 0;
};

}  // namespace ticklake::broker
