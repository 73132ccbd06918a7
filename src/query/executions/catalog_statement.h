#pragma once

#include "query/executions/statement_run.h"

namespace ticklake::query::executions {

/// Hive's DDL on the catalog: databases, tables, views, partitions. Data is never removed: a table
/// that is dropped leaves its objects, as an external one does in Athena.
class CatalogStatement {
 public:
  explicit CatalogStatement(StatementRun& run) : run_(run) {}
  athena::Result<void> run(const athena::Statement& statement);

 private:
  using Statement = athena::Statement;
  athena::Result<void> apply(const Statement& statement);
  athena::Result<void> create_database(const Statement& statement);
  athena::Result<void> drop_database(const Statement& statement);
  athena::Result<void> create_table(const Statement& statement);
  athena::Result<void> drop(const Statement& statement, bool is_view);
  athena::Result<void> create_view(const Statement& statement);
  athena::Result<void> repair(const Statement& statement);
  athena::Result<void> add_partitions(const Statement& statement);
  athena::Result<void> drop_partitions(const Statement& statement);
  athena::Result<void> rename_partition(const Statement& statement);
  athena::Result<void> change_table(const Statement& statement);
  athena::Result<void> set_partition_location(const Statement& statement,
                                              const catalog::Table& table);

  /// The table, which the caller may `action`; FAILED if it is not there or is a sink's.
  athena::Result<catalog::Table> own_table(const Statement& statement, std::string_view action);

  StatementRun& run_;
  std::vector<std::string> lines_;  ///< what the statement has to say
};

}  // namespace ticklake::query::executions
