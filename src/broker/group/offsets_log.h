#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ticklake::broker {

/// One record of `__consumer_offsets`, in Kafka's own schema (see group_records.h).
struct OffsetsRecord {
  base::Bytes key;
  std::optional<base::Bytes> value;  ///< none: a tombstone, which removes the key
};

/// Where the group coordinator keeps its state: the topic `__consumer_offsets`, seen as a list of
/// records. One thread, that of the broker's loop.
class OffsetsLog {
 public:
  /// Called once for each append, on the same thread; a failure may be told before append() has
  /// returned.
  using Appended = std::function<void(base::Result<void>)>;
  using Visit = std::function<void(base::ByteView key, std::optional<base::ByteView> value)>;

  virtual ~OffsetsLog() = default;

  /// Appends the records (at least one, a few hundred bytes each; at most some thousand of them) as
  /// one batch, which recovery keeps whole or drops whole. `done` gets success once the batch is on
  /// disk, as for a produce with acks=all. Appends become durable in the order of the calls, and
  /// are reported in that order.
  virtual void append(std::vector<OffsetsRecord> records, Appended done) = 0;

  /// Visits every record in the order in which they were appended; what was not yet durable at a
  /// crash may be missing from the end. Called once, before the first append. The views are valid
  /// during the visit only. kCorrupt if a batch cannot be read.
  virtual base::Result<void> replay(const Visit& visit) = 0;
};

}  // namespace ticklake::broker
