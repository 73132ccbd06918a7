#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace ticklake::broker {

/// What a control batch says (KIP-98): the end of one producer's transaction in one partition.
struct EndMarker {
  bool is_commit = false;
  /// Of the transaction coordinator that wrote it: an older one must not overrule a newer one.
  int32_t coordinator_epoch = -1;
};

/// The control batch of one record that says it. kIo if it cannot be built.
base::Result<base::Bytes> write_end_marker(int64_t producer_id, int16_t producer_epoch,
                                           const EndMarker& marker, int64_t now_ms);

/// None if `batch`, a whole control batch, is of another kind, or does not parse.
std::optional<EndMarker> parse_end_marker(base::ByteView batch);

}  // namespace ticklake::broker
