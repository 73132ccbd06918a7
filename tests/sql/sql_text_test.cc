// Runs the statements of text files and compares what they print. usage: sql_text_test FILE…
// A file holds blocks between empty lines: lines that begin with "> " are the statement, the others
// what it prints at 80 columns. SQL_TEXT_REWRITE=1 writes the files anew, for a person to review.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "fixture.h"
#include "query/format.h"
#include "query/query_engine.h"

namespace ticklake {
namespace {

struct Block {
  std::string comment;  ///< lines that begin with #
  std::string statement;
  std::string printed;
};

std::vector<Block> read_blocks(const std::string& path) {
  std::ifstream file(path);
  std::vector<Block> blocks;
  bool open = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) {
      open = false;
      continue;
    }
    if (!open) blocks.emplace_back();
    open = true;
    if (line.starts_with("#")) {
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
    const std::string printed = block.statement.empty() ? "" : print(engine, block.statement);
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
  query::QueryEngine engine(*database, clock);
  int failures = 0;
  for (int i = 1; i < argc; ++i)
    failures += run_file(engine, argv[i]);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ticklake

int main(int argc, char** argv) { return ticklake::run(argc, argv); }
