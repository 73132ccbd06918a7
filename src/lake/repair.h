#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/boundary.h"
#include "lake/gap.h"
#include "lake/object_store.h"
#include "lake/survey.h"

namespace ticklake::lake {

/// The offsets [begin, end) of a partition that its broker has.
struct HeldOffsets {
  int64_t begin = 0;
  int64_t end = 0;
};

/// One loss that is made known.
struct RepairStep {
  GapRecord gap;
  /// Where the broker's log begins past the lake's end: the record, of the same range and without
  /// files, by which the chain goes on there.
  std::optional<BoundaryRecord> bridge;
};

/// What has to be given up so that the chain can go on: files that do not stand and that the broker
/// cannot give again, and offsets between the chain's end and the log's begin. `held` is none where
/// the broker has no such generation of the topic. Empty if nothing is lost. kCorrupt where records
/// are missing, do not read or overlap, or where the broker's log was cut: no gap record helps
/// then. kInvalidArgument for a file that the broker could give again.
base::Result<std::vector<RepairStep>> plan_repair(ObjectStore& store, const SurveyedChain& chain,
                                                  std::optional<HeldOffsets> held,
                                                  base::WallTime now);

/// Writes the gap record, then the bridge, each only if nothing stands there. After a crash between
/// the two the same step is planned and carried out again. kAlreadyExists, naming the key, if
/// somebody else's record is there.
base::Result<void> carry_out(ObjectStore& store, const ChainId& chain, const RepairStep& step);

}  // namespace ticklake::lake
