#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/crawl_report.h"
#include "catalog/crawl_tree.h"

namespace ticklake::catalog {

/// A table that a crawl has found, before the catalog is asked.
struct PartitionDraft {
  std::vector<std::string> values;
  std::string path;  ///< of the folder, below the target's root, with a '/' behind
  SchemaCluster cluster;
};

struct TableDraft {
  /// Below the target's root: "" for the root itself, "a/b/" for a folder, "a/b.csv" for a file.
  std::string path;
  SchemaCluster cluster;
  std::vector<std::string> partition_keys = {};
  std::vector<PartitionDraft> partitions = {};

  bool is_file() const { return !path.empty() && !path.ends_with('/'); }
};

struct GroupingOptions {
  bool combines_compatible = false;  ///< TableGroupingPolicy CombineCompatibleSchemas
  /// How many folders below the target's root tables stand at: TableLevelConfiguration.
  std::optional<size_t> depth = {};
  bool is_one_table = false;  ///< the root is a table, whatever is in it
};

/// Glue's rule: the root of a table is the highest folder of which the schemas below are similar:
/// more than 7 in 10 of the folders are alike, in at most 5 kinds. Folders below it are partitions.
/// What is not documented is chosen as docs/CRAWLER.md says. `report` is told each decision;
/// `where` is how it calls the root.
std::vector<TableDraft> group(const CrawlFolder& root, const GroupingOptions& options,
                              const std::string& where, CrawlReport& report);

/// `year=2017` is year and 2017, %XX decoded; none for other names.
std::optional<std::pair<std::string, std::string>> hive_pair(std::string_view folder);

}  // namespace ticklake::catalog
