#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/boundary.h"
#include "lake/layout.h"
#include "lake/object_store.h"

namespace ticklake::lake {

/// A file that a boundary record promised and nobody can write any more.
struct LostFile {
  std::string key;
  int64_t rows = 0;  ///< that were promised

  bool operator==(const LostFile&) const = default;
};

/// What of the boundary record of the same range is given up, because the broker lost the records
/// that it promised. It stands beside that record, at gap_key(), is made by `ticklake lake repair`
/// alone, and is never changed. One whose range is not its boundary record's means nothing.
struct GapRecord {
  int64_t start = 0;
  int64_t end = 0;
  std::string reason;  ///< for people
  /// Empty where the broker's log went on past the lake's end: then the boundary record of the
  /// range promises nothing, and all of its offsets are lost.
  std::vector<LostFile> files;
  base::WallTime created;
};

inline constexpr uint64_t kGapBytesMax = 4 << 20;

/// "<start, 20 digits>.gap.json".
std::string gap_name(int64_t start);
std::string gap_key(const ChainId& chain, int64_t start);
std::string to_json(const GapRecord& gap);
/// The reverse; kCorrupt, saying what is wrong, for anything that to_json() cannot have written.
base::Result<GapRecord> parse_gap(std::string_view json);

/// The gap record of the range that starts at `start`, if there is one.
base::Result<std::optional<GapRecord>> read_gap(ObjectStore& store, const ChainId& chain,
                                                int64_t start);

/// Removes from `record` the files that `gap` gives up, if it is about that record.
void leave_out(const GapRecord& gap, BoundaryRecord& record);

}  // namespace ticklake::lake
