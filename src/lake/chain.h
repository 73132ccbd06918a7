#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "lake/boundary.h"
#include "lake/layout.h"
#include "lake/object_store.h"

namespace ticklake::lake {

/// All boundary records of one partition, in order: the truth about what of it is in the lake.
struct Chain {
  ChainId id;
  std::vector<BoundaryRecord> records;

  /// Where the next record starts.
  int64_t end() const { return records.empty() ? 0 : records.back().end; }
};

/// Whether each record starts where the one before it ended, the first at 0; kCorrupt, naming
/// the partition and the offsets, if not.
base::Result<void> verify_chain(const Chain& chain);

/// Reads and verifies one chain; one without records is empty. What its gap records give up is no
/// part of its records.
base::Result<Chain> read_chain(ObjectStore& store, const ChainId& id);

/// The record that starts at `start`; kNotFound if there is none yet.
base::Result<BoundaryRecord> read_boundary(ObjectStore& store, const ChainId& id, int64_t start);

/// The chains of every topic, generation and partition of `table`. What does not look like one is
/// passed over.
base::Result<std::vector<ChainId>> list_chains(ObjectStore& store, std::string_view table);

/// Names of the tables that have chains.
base::Result<std::vector<std::string>> list_tables(ObjectStore& store);

/// The files of `record` that are not in the store.
base::Result<std::vector<DataFile>> missing_files(ObjectStore& store, const BoundaryRecord& record);

}  // namespace ticklake::lake
