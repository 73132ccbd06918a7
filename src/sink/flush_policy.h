#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "lake/boundary.h"

namespace ticklake::sink {

/// When hot rows become files, and how large boundaries are.
struct FlushPolicy {
  uint64_t rows_max = 1'000'000;
  uint64_t bytes_max = 128ull << 20;
  std::chrono::nanoseconds age_max = std::chrono::seconds(60);
  /// If not 0, each boundary spans exactly so many offsets (the last one of a flush may be
  /// shorter), and so a file has at most so many rows.
  int64_t rows_per_file = 0;
};

/// Whether a segment of that size must be flushed now.
inline bool should_flush(const FlushPolicy& policy, uint64_t rows, uint64_t bytes,
                         base::MonotonicTime opened, base::MonotonicTime now) {
  if (rows == 0) return false;
  return rows >= policy.rows_max || bytes >= policy.bytes_max || now - opened >= policy.age_max;
}

/// Where the boundary that starts at `start` should end, if the rows to flush end at `end`.
inline int64_t boundary_end(const FlushPolicy& policy, int64_t start, int64_t end) {
  if (policy.rows_per_file <= 0 || end - start <= policy.rows_per_file) return end;
  return start + policy.rows_per_file;
}

/// What a sink that wanted to write `ours` does after it lost the race to `theirs`.
enum class Race : uint8_t {
  kOurs,   ///< theirs is what we wanted, perhaps our own of an earlier try: go on with it
  kAdopt,  ///< make sure that their files stand, and go on behind their end
};
inline Race judge_race(const lake::BoundaryRecord& ours, const lake::BoundaryRecord& theirs) {
  return ours.same_promise(theirs) ? Race::kOurs : Race::kAdopt;
}

}  // namespace ticklake::sink
