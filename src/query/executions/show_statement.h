#pragma once

#include <string>
#include <vector>

#include "query/executions/statement_run.h"

namespace ticklake::query::executions {

/// SHOW … and DESCRIBE, out of the catalog, in Hive's layout.
class ShowStatement {
 public:
  explicit ShowStatement(StatementRun& run) : run_(run) {}
  athena::Result<void> run(const athena::Statement& statement);

 private:
  using Lines = std::vector<std::string>;
  athena::Result<catalog::Table> table_of(const athena::Statement& statement);
  athena::Result<void> databases(const athena::Statement& statement);
  athena::Result<void> tables(const athena::Statement& statement, bool views_only);
  athena::Result<void> partitions(const athena::Statement& statement);

  StatementRun& run_;
};

/// True if `name` is what SHOW asks for: alternatives parted by '|', in which '*' (also ".*" and
/// '%') stands for anything. An empty pattern takes all.
bool matches_pattern(std::string_view name, std::string_view pattern);

/// The rows of DESCRIBE: name, type and comment, each padded, then the partition keys.
std::vector<std::string> describe_lines(const catalog::Table& table);

}  // namespace ticklake::query::executions
