#include "query/executions/show_statement.h"

#include <algorithm>
#include <set>

#include "base/wildcard.h"
#include "query/executions/create_table_text.h"
#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using athena::StatementKind;

constexpr size_t kCellWidth = 20;

std::string padded(std::string text) {
  if (text.size() < kCellWidth) text.resize(kCellWidth, ' ');
  return text;
}

std::string column_line(const catalog::Column& column) {
  return padded(column.name) + "\t" + padded(column.type) + "\t" + padded(column.comment);
}

tl::unexpected<AthenaError> no_table(const std::string& database, const std::string& table) {
  return tl::unexpected(
      AthenaError{"FAILED", "SemanticException Table not found: " + database + "." + table});
}

}  // namespace

bool matches_pattern(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return true;
  const std::string lower_name = to_lower(name);
  const std::string lower_pattern = to_lower(pattern);
  for (size_t begin = 0; begin <= lower_pattern.size();) {
    const size_t end = std::min(lower_pattern.find('|', begin), lower_pattern.size());
    std::string glob;
    for (const char c : lower_pattern.substr(begin, end - begin)) {
      const bool is_star = c == '*' || c == '%';
      if (is_star && !glob.empty() && glob.back() == '.') glob.pop_back();
      glob += is_star ? '*' : c;
    }
    if (base::matches_wildcards(lower_name, glob, {'*', '.'})) return true;
    begin = end + 1;
  }
  return false;
}

std::vector<std::string> describe_lines(const catalog::Table& table) {
  std::vector<std::string> lines;
  if (table.storage) {
    for (const catalog::Column& column : table.storage->columns)
      lines.push_back(column_line(column));
  }
  if (table.partition_keys.empty()) return lines;
  for (const catalog::Column& key : table.partition_keys)
    lines.push_back(column_line(key));
  lines.emplace_back("\t \t ");
  lines.emplace_back("# Partition Information\t \t ");
  lines.push_back(padded("# col_name") + "\t" + padded("data_type") + "\t" + padded("comment"));
  lines.emplace_back("\t \t ");
  for (const catalog::Column& key : table.partition_keys)
    lines.push_back(column_line(key));
  return lines;
}

athena::Result<catalog::Table> ShowStatement::table_of(const athena::Statement& statement) {
  const std::string database = run_.database_of(statement.name);
  TICKLAKE_TRY(run_.rights_.check_table("GetTable", database, statement.name.table));
  TICKLAKE_ASSIGN(auto table, run_.resolver_.find(database, statement.name.table));
  if (!table) return no_table(database, statement.name.table);
  return std::move(*table);
}

athena::Result<void> ShowStatement::run(const athena::Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kShowDatabases: return databases(statement);
    case StatementKind::kShowTables: return tables(statement, false);
    case StatementKind::kShowViews: return tables(statement, true);
    case StatementKind::kShowPartitions: return partitions(statement);
    default: break;
  }
  TICKLAKE_ASSIGN(const catalog::Table table, table_of(statement));
  switch (statement.kind) {
    case StatementKind::kShowColumns: {
      Lines lines;
      if (table.storage) {
        for (const catalog::Column& column : table.storage->columns)
          lines.push_back(padded(column.name));
      }
      for (const catalog::Column& key : table.partition_keys)
        lines.push_back(padded(key.name));
      return run_.write_lines({"field"}, lines);
    }
    case StatementKind::kDescribe:
      return run_.write_lines({"col_name", "data_type", "comment"}, describe_lines(table));
    case StatementKind::kShowTableProperties: {
      Lines lines;
      for (const auto& [name, value] : table.parameters)
        lines.push_back(name + "\t" + value);
      return run_.write_lines({"prpt_name", "prpt_value"}, lines);
    }
    default: break;
  }
  const auto view = parse_view(table);
  if (view) {
    return run_.write_lines(
        {"Create View"}, {"CREATE VIEW " + table.database + "." + table.name + " AS", view->sql});
  }
  if (statement.kind == StatementKind::kShowCreateView) {
    return tl::unexpected(AthenaError{
        "FAILED", "SemanticException Table is not a view: " + table.database + "." + table.name});
  }
  return run_.write_lines({"createtab_stmt"}, create_table_lines(table));
}

athena::Result<void> ShowStatement::databases(const athena::Statement& statement) {
  TICKLAKE_TRY(run_.rights_.check_database("GetDatabases", "*"));
  Lines lines;
  catalog::PageRequest request{.max = 1000};
  do {
    auto page = run_.backend_.metadata.list_databases(request);
    if (!page) return tl::unexpected(as_athena_error(page.error()));
    for (const catalog::Database& database : page->items) {
      if (matches_pattern(database.name, statement.pattern)) lines.push_back(database.name);
    }
    request.token = page->next_token;
  } while (!request.token.empty());
  return run_.write_lines({"database_name"}, lines);
}

athena::Result<void> ShowStatement::tables(const athena::Statement& statement, bool views_only) {
  const std::string database = run_.database_of(statement.name);
  TICKLAKE_TRY(run_.rights_.check_table("GetTables", database, "*"));
  std::set<std::string> names;
  catalog::PageRequest request{.max = 1000};
  do {
    auto page = run_.backend_.metadata.list_tables(database, request);
    if (!page) return tl::unexpected(as_athena_error(page.error()));
    for (const catalog::Table& table : page->items) {
      if (!views_only || table.type == "VIRTUAL_VIEW") names.insert(table.name);
    }
    request.token = page->next_token;
  } while (!request.token.empty());
  if (database == catalog::kLiveDatabase && !views_only) {
    TICKLAKE_ASSIGN(const std::vector<TableColumns>* live, run_.resolver_.live_tables());
    for (const TableColumns& table : *live)
      names.insert(to_lower(table.name));
  }
  Lines lines;
  for (const std::string& name : names) {
    if (matches_pattern(name, statement.pattern)) lines.push_back(name);
  }
  return run_.write_lines({views_only ? "views" : "tab_name"}, lines);
}

athena::Result<void> ShowStatement::partitions(const athena::Statement& statement) {
  TICKLAKE_ASSIGN(const catalog::Table table, table_of(statement));
  if (table.partition_keys.empty()) {
    return tl::unexpected(
        AthenaError{"FAILED",
                    "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
                    "Table " +
                        table.name + " is not a partitioned table"});
  }
  TICKLAKE_TRY(run_.rights_.check_table("GetPartitions", table.database, table.name));
  auto partitions = run_.backend_.metadata.all_partitions(table.database, table.name);
  if (!partitions) return tl::unexpected(as_athena_error(partitions.error()));
  Lines lines;
  for (const catalog::Partition& partition : *partitions) {
    std::string line;
    for (size_t i = 0; i < partition.values.size() && i < table.partition_keys.size(); ++i)
      line += (line.empty() ? "" : "/") + table.partition_keys[i].name + "=" + partition.values[i];
    lines.push_back(line);
  }
  return run_.write_lines({"partition"}, lines);
}

}  // namespace ticklake::query::executions
