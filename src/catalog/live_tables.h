#pragma once

#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/sink_table.h"
#include "lake/object_store.h"

namespace ticklake::catalog {

/// Registers what a sink has committed in the catalog: a table of the database `ticklake` for each
/// table of the lake, partitioned by `dt`. Crawlers leave them alone. Safe from any thread.
class LiveTables {
 public:
  /// `url`: what the lake's keys stand behind, `s3://lake/`. `catalog` must outlive it.
  LiveTables(Catalog& catalog, std::string url) : catalog_(catalog), url_(std::move(url)) {}

  /// Takes in what the lake has and the catalog does not: tables of before it was made, and days
  /// that were committed just before a crash.
  base::Result<void> load(lake::ObjectStore& store);

  /// Takes in boundary records whose files all stand. `name` is the table's in SQL. Touches the
  /// disk only if they have a column, a wider type or a day that is new. An error changes nothing
  /// that the next call would not do again.
  base::Result<void> add(const std::string& name, const std::string& folder,
                         std::span<const lake::BoundaryRecord> records);

 private:
  aws::Answer<SinkFiles> read_known(const std::string& name);
  /// Whether the catalog has a partition for each day's folder.
  base::Result<bool> has_all_days(lake::ObjectStore& store, const std::string& name,
                                  const std::string& folder);
  aws::Answer<void> write(const std::string& name, const std::string& folder,
                          const SinkFiles& known, bool is_new,
                          const std::set<std::string>& new_days);

  Catalog& catalog_;
  const std::string url_;
  std::mutex mutex_;  ///< guards all below
  std::map<std::string, SinkFiles> known_;
};

}  // namespace ticklake::catalog
