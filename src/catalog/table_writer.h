#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/crawl.h"
#include "catalog/table_draft.h"

namespace ticklake::catalog {

/// Brings what a crawl has found into the catalog, as the crawler's policies say. One thread.
class TableWriter {
 public:
  TableWriter(const CrawlOptions& options, const CrawlSeams& seams, CrawlReport& report);

  /// The tables of the database as they are.
  void know(std::vector<Table> tables);
  /// Those that this crawler made, with their locations, with a '/' behind.
  std::vector<std::pair<std::string, Table>> own_tables() const;

  /// Makes or changes the table that stands at `location`, with its partitions.
  base::Result<void> write(const TableDraft& draft, const std::string& name,
                           const std::string& location, const CrawlTarget& target);
  /// Takes folders that are new below tables of this crawler out of the tree, as partitions.
  base::Result<void> add_new_folders(CrawlFolder& root, const CrawlTarget& target);
  /// What of this crawler's was not written, though it is in the targets, has vanished.
  base::Result<void> retire(const std::vector<CrawlTarget>& targets);

 private:
  bool may_change() const;
  DraftContext context(const CrawlTarget& target) const;
  const Table* find(const std::string& location, const CrawlTarget& target) const;
  base::Result<void> create(const TableDraft& draft, Table table, const CrawlTarget& target);
  base::Result<void> update(const TableDraft& draft, const Table& old, Table made,
                            const CrawlTarget& target);
  Table merged(const Table& old, const Table& made) const;
  base::Result<void> put(const Table& old, Table table);
  base::Result<void> deprecate(Table table, const std::string& why);

  /// `table` as it is in the catalog now.
  base::Result<void> write_partitions(const TableDraft& draft, const Table& table,
                                      const CrawlTarget& target);
  base::Result<void> create_partitions(const Table& table, std::vector<Partition> partitions);
  base::Result<void> update_partitions(const Table& table, std::vector<Partition> partitions);
  base::Result<void> retire_partitions(const Table& table, std::vector<Partition> vanished,
                                       const std::string& where);

  const CrawlOptions& options_;
  const CrawlSeams& seams_;
  CrawlReport& report_;
  std::map<std::string, Table> tables_;        ///< by name
  std::map<std::string, std::string> places_;  ///< location with a '/' behind -> name
  std::set<std::string> written_;              ///< names
};

std::string with_slash(std::string_view location);

}  // namespace ticklake::catalog
