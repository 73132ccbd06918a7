#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/chain.h"
#include "lake/object_store.h"
#include "table/database.h"
#include "table/view_sql.h"

namespace ticklake::table {

/// What stands in the lake.
struct LakeTotals {
  uint64_t files = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

/// Records of a table's topics that could be no rows.
struct TableRejected : lake::Rejected {
  std::string topic;  ///< of the newest one

  void add(const std::string& topic_of_those, const lake::Rejected& later);
};

/// The committed files of one table, as they are known in this process.
class CommittedFiles {
 public:
  /// Adds what `record` of `topic` promises; all of its files stand in the store, with sizes in
  /// `bytes` (those not in it count as 0).
  void add(const lake::ObjectStore& store, const std::string& topic,
           const lake::BoundaryRecord& record, const std::map<std::string, uint64_t>& bytes);
  void add_times(std::string location) { times_.push_back(std::move(location)); }

  const std::vector<FileGroup>& groups() const { return groups_; }
  const std::vector<std::string>& times() const { return times_; }
  const LakeTotals& totals() const { return totals_; }
  const TableRejected& rejected() const { return rejected_; }

 private:
  TableRejected rejected_;
  std::vector<FileGroup> groups_;
  std::vector<std::string> times_;
  LakeTotals totals_;
};

/// A table as its chains in the store describe it.
struct LoadedTable {
  CommittedFiles files;
  /// What the columns of those files hold together, and what is agreed on for the table beyond.
  lake::Schema in_files;
  lake::Schema schema;
  /// Where each chain goes on, without a last record whose files are not all there yet.
  std::vector<std::pair<lake::ChainId, int64_t>> ends;
  /// Chains that cannot be used, and why; nothing of them is in `files`.
  std::vector<std::pair<lake::ChainId, base::Error>> broken;
};

/// Reads every chain of the table in `folder`. A chain is broken if its records do not follow on
/// each other, or if a file is missing that is not of its last record (whose writer may still be at
/// it).
base::Result<LoadedTable> load_table(lake::ObjectStore& store, std::string_view folder);

/// Makes the schemas that hold the views and hot tables.
base::Result<void> create_schemas(Connection& connection);

/// Why a query cannot find the table `name`, of which there are records but no rows: where they
/// are, and the reason of the newest. `kept` of them are in the lake, for their topic did not take
/// them.
base::Error no_rows_error(const std::string& name, const TableRejected& rejected, uint64_t kept);

/// Tables that have no rows, by their SQL name in lower case, with what to tell who asks for them.
using EmptyTables = std::map<std::string, base::Error>;

/// Makes the views of every table of a lake that no process in here writes to; what is committed
/// later does not appear. kCorrupt if a chain is broken, kNotFound if there is no table.
base::Result<EmptyTables> open_lake(Database& database, lake::ObjectStore& store);

}  // namespace ticklake::table
