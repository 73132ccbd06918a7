#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/boundary.h"
#include "lake/layout.h"
#include "lake/object_store.h"
#include "table/database.h"

namespace ticklake::table {

/// Some rows of a hot table: one partition's offsets [start, end).
struct RowRange {
  std::string hot_table;  ///< quoted as SQL wants it
  lake::ChainId chain;
  int64_t start = 0;
  int64_t end = 0;
};

/// Where a boundary over `range` must end at the latest: so many days of Kafka timestamps, each of
/// which is a file, are in one boundary at most.
base::Result<int64_t> end_within_days(Connection& connection, const RowRange& range);

/// The files that the rows of `range` make: one a UTC day of the Kafka timestamps, with its rows.
/// `qualifier` as in lake::data_key().
base::Result<std::vector<lake::DataFile>> plan_files(Connection& connection, const RowRange& range,
                                                     lake::Encoding encoding,
                                                     std::string_view qualifier);

/// Writes one of the files that `record` promises from the hot rows, which must have been written
/// under record.schema, and puts it into the store. Returns its size; kCorrupt if it came out with
/// another number of rows than was promised.
base::Result<uint64_t> write_file(Connection& connection, lake::ObjectStore& store,
                                  const RowRange& range, const lake::BoundaryRecord& record,
                                  const lake::DataFile& file);

/// Writes the visible times of the rows of `range` and one durable time for all of them beside the
/// boundary record, as lake::times_key().
base::Result<void> write_times(Connection& connection, lake::ObjectStore& store,
                               const RowRange& range, int64_t durable_time_us);

}  // namespace ticklake::table
