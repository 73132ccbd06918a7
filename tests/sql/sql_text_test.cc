// Runs the statements of text files and compares what they print. usage: sql_text_test FILE…
// A file holds blocks between empty lines: lines that begin with "> " are the statement, the others
// what it prints at 80 columns. Behind a line "dialect: athena" the blocks are in Athena's SQL,
// each line of "> " is a statement, and each row is a line, its values parted by " | "; what is no
// query prints what was read of it. SQL_TEXT_REWRITE=1 writes the files anew, for a person to
// review.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "fixture.h"
#include "query/athena/statement.h"
#include "query/format.h"
#include "query/query_engine.h"

namespace ticklake {
namespace {

constexpr std::string_view kAthenaLine = "dialect: athena";

struct Block {
  std::string comment;  ///< lines that begin with #, and the one of the dialect
  std::string statement;
  std::string printed;
  bool is_athena = false;
};

std::vector<Block> read_blocks(const std::string& path) {
  std::ifstream file(path);
  std::vector<Block> blocks;
  bool open = false;
  bool is_athena = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) {
      open = false;
      continue;
    }
    if (!open) blocks.emplace_back();
    open = true;
    if (line == kAthenaLine) is_athena = true;
    blocks.back().is_athena = is_athena;
    if (line.starts_with("#") || line == kAthenaLine) {
      blocks.back().comment += line + "\n";
    } else if (line.starts_with("> ")) {
      blocks.back().statement += line.substr(2) + "\n";
    } else {
      blocks.back().printed += line + "\n";
    }
  }
  return blocks;
}

std::string print(query::QueryEngine& engine, const std::string& statement) {
  auto query = engine.start({statement, 1'000});
  if (!query) return base::to_text(query.error()) + "\n";
  std::vector<query::RowBlock> blocks;
  while (true) {
    auto block = query->next();
    if (!block) return base::to_text(block.error()) + "\n";
    if (block->rows() == 0) break;
    blocks.push_back(std::move(*block));
  }
  return query::to_table(query->columns(), blocks, 80);
}

std::string names(const std::vector<query::athena::ColumnDefinition>& columns) {
  std::string text;
  for (const auto& column : columns)
    text += (text.empty() ? "" : ", ") + column.name + " " + column.type;
  return text;
}

std::string pairs(const query::athena::Properties& properties) {
  std::string text;
  for (const auto& [key, value] : properties)
    text += (text.empty() ? "" : ", ") + key + "=" + value;
  return text;
}

/// A statement that is no query: its kind, and each part that it has.
std::string print_parts(const query::athena::Statement& statement) {
  std::string text(statement.substatement_type());
  const auto part = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += "\n  " + std::string(name) + ": " + value;
  };
  part("database", statement.name.database);
  part("table", statement.name.table);
  part("columns", names(statement.columns));
  part("partitioned by", names(statement.partition_columns));
  part("location", statement.location);
  part("serde", statement.storage.serde);
  part("serde properties", pairs(statement.storage.serde_properties));
  part("delimited", pairs(statement.storage.delimited));
  part("stored as", statement.storage.stored_as);
  part("properties", pairs(statement.properties));
  part("comment", statement.comment);
  part("pattern", statement.pattern);
  part("column", statement.column_name);
  part("prepared", statement.prepared_name);
  for (const auto& partition : statement.partitions)
    part("partition",
         pairs(partition.values) + (partition.location.empty() ? "" : " at " + partition.location));
  for (const auto& option : statement.with) {
    std::string value = option.value;
    for (const std::string& each : option.list)
      value += (value.empty() ? "" : ", ") + each;
    part("with", option.name + "=" + value);
  }
  for (const std::string& value : statement.execute_values)
    part("using", value);
  part("query", statement.query_text);
  return text + "\n";
}

std::string print_athena(query::QueryEngine& engine, const std::string& statement) {
  const auto read = query::athena::read_statement(statement);
  if (read && read->kind != query::athena::StatementKind::kSelect) return print_parts(*read);
  auto query = engine.start(
      {statement, 1'000, std::chrono::seconds(30), {}, false, query::Dialect::kAthena});
  if (!query) return base::to_text(query.error()) + "\n";
  std::string text;
  while (true) {
    auto block = query->next();
    if (!block) return base::to_text(block.error()) + "\n";
    if (block->rows() == 0) return text;
    for (size_t row = 0; row < block->rows(); ++row) {
      for (size_t column = 0; column < block->columns(); ++column) {
        text += column > 0 ? " | " : "";
        text += block->cell(row, column).value_or("NULL");
      }
      text += "\n";
    }
  }
}

/// Each line is a statement of its own.
std::string print_lines(query::QueryEngine& engine, const std::string& statements) {
  std::istringstream lines(statements);
  std::string text;
  for (std::string line; std::getline(lines, line);)
    text += print_athena(engine, line);
  return text;
}

std::string prefixed(const std::string& statement) {
  std::istringstream lines(statement);
  std::string out;
  for (std::string line; std::getline(lines, line);)
    out += "> " + line + "\n";
  return out;
}

int run_file(query::QueryEngine& engine, const std::string& path) {
  int failures = 0;
  std::string anew;
  const std::vector<Block> blocks = read_blocks(path);
  for (const Block& block : blocks) {
    const std::string printed = block.statement.empty() ? ""
                                : block.is_athena       ? print_lines(engine, block.statement)
                                                        : print(engine, block.statement);
    anew += (anew.empty() ? "" : "\n") + block.comment + prefixed(block.statement) + printed;
    if (printed == block.printed) continue;
    ++failures;
    std::cout << path << ":\n"
              << prefixed(block.statement) << "--- expected\n"
              << block.printed << "--- printed\n"
              << printed << "\n";
  }
  if (std::getenv("SQL_TEXT_REWRITE") != nullptr) std::ofstream(path) << anew;
  std::cout << path << ": " << blocks.size() << " statements, " << failures << " failed\n";
  return blocks.empty() ? 1 : failures;
}

int run(int argc, char** argv) {
  auto database = table::Database::open({.threads = 1});
  if (!database) return 1;
  {
    auto connection = database->connect();
    const auto filled = connection->query(kFixture);
    if (!filled || !database->lock_down({"/nonexistent"})) return 1;
  }
  const base::SystemClock clock;
  query::QueryEngine engine(*database, clock, {.names_files = true});
  int failures = 0;
  for (int i = 1; i < argc; ++i)
    failures += run_file(engine, argv[i]);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ticklake

int main(int argc, char** argv) { return ticklake::run(argc, argv); }
