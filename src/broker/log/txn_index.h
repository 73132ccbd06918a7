#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ticklake::broker {

/// A transaction that was aborted in a partition, as a segment's `.txnindex` holds it: 34 bytes an
/// entry (version, then these four), in the order of the markers. It stands in the segment of its
/// marker.
struct AbortedTransaction {
  int64_t producer_id = -1;
  int64_t first_offset = -1;
  int64_t last_offset = -1;  ///< of the marker
  /// What the last stable offset became with that marker: entries behind this one concern
  /// nothing below it.
  int64_t last_stable_offset = -1;

  bool operator==(const AbortedTransaction&) const = default;
};

base::Bytes write_txn_index(std::span<const AbortedTransaction> transactions);
/// kCorrupt if it is cut, of another version or not in order.
base::Result<std::vector<AbortedTransaction>> read_txn_index(base::ByteView bytes);

}  // namespace ticklake::broker
