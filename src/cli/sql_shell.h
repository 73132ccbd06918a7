#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/sql_source.h"

namespace ticklake::cli {

enum class Output : uint8_t { kTable, kCsv, kJson };

struct ShellOptions {
  Output output = Output::kTable;
  RowLimit rows_max = {};  ///< none: kTableRowsMax for a table, all for csv and json
  bool timing = true;
};
inline constexpr uint64_t kTableRowsMax = 1'000;

/// Takes lines, as typed or from a file: statements that end with ';' on whatever line, and dot
/// commands. Results go to stdout, messages to stderr.
class SqlShell {
 public:
  SqlShell(SqlSource& source, const base::Clock& clock, ShellOptions options)
      : source_(source), clock_(clock), options_(options) {}

  /// What becomes of a line.
  enum class Next : uint8_t { kStatement, kContinuation, kQuit };
  /// A statement's failure is returned after it was run; the shell can go on.
  base::Result<Next> take_line(std::string_view line, const std::stop_token& stop);
  /// Runs what stands there without its ';'.
  base::Result<void> finish(const std::stop_token& stop);
  /// Forgets a statement that was begun.
  void drop_statement() { pending_.clear(); }
  bool has_statement() const { return !pending_.empty(); }

  /// Runs one statement and prints what it gives.
  base::Result<void> run(const std::string& sql, const std::stop_token& stop);

  /// What may stand for the word that is typed: names of tables and columns, keywords, commands.
  std::vector<std::string> completions(std::string_view line_to_cursor);

 private:
  base::Result<Next> run_command(std::string_view line);
  base::Result<void> show_tables();
  base::Result<void> show_schema(const std::string& table);
  base::Result<void> set_output(const std::string& name);
  base::Result<void> run_as_table(const std::string& sql, const std::stop_token& stop);
  base::Result<void> stream(const std::string& sql, const std::stop_token& stop);

  SqlSource& source_;
  const base::Clock& clock_;
  ShellOptions options_;
  std::string pending_;
  std::string footer_;              ///< of the statement that runs: how many rows were printed
  std::vector<std::string> names_;  ///< of tables and columns, for completion
  base::MonotonicTime names_time_{};
};

/// Columns of the terminal at stdout; a great number if there is none, so that nothing is cut.
size_t output_width();

/// Reads lines from a person until .quit or the end of input.
base::Result<void> run_prompt(SqlShell& shell, const std::string& greeting);

}  // namespace ticklake::cli
