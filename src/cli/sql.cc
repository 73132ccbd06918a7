#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "cli/command.h"
#include "cli/sql_shell.h"
#include "cli/sql_source.h"

namespace ticklake::cli {
namespace {

struct SqlFlags {
  std::string url = "http://127.0.0.1:8080";
  std::string lake;
  std::string output = "table";
  std::string dialect = "duckdb";
  std::string statement;
  std::optional<uint64_t> limit;
  QueryLimitFlags query;
};

base::Result<void> run_lines(SqlShell& shell) {
  for (std::string line; std::getline(std::cin, line);) {
    TICKLAKE_ASSIGN(const SqlShell::Next next, shell.take_line(line, {}));
    if (next == SqlShell::Next::kQuit) return {};
  }
  return shell.finish({});
}

base::Result<void> run_sql(const SqlFlags& flags) {
  static const std::map<std::string, Output> kOutputs{
      {"table", Output::kTable}, {"csv", Output::kCsv}, {"json", Output::kJson}};
  std::signal(SIGPIPE, SIG_DFL);  // `ticklake sql … | head` ends quietly
  const base::SystemClock clock;
  const auto dialect =
      flags.dialect == "athena" ? query::Dialect::kAthena : query::Dialect::kDuckdb;
  std::unique_ptr<SqlSource> source;
  if (flags.lake.empty()) {
    source = connect_server(flags.url, dialect);
  } else {
    TICKLAKE_ASSIGN(const QueryLimits limits, query_limits(flags.query));
    TICKLAKE_ASSIGN(source, open_lake_source(flags.lake, limits, clock, dialect));
  }
  SqlShell shell(*source, clock, {kOutputs.at(flags.output), flags.limit, true});
  if (!flags.statement.empty()) {
    if (!flags.statement.starts_with('.')) return shell.run(flags.statement, {});
    TICKLAKE_TRY(shell.take_line(flags.statement, {}));
    return {};
  }
  if (::isatty(STDIN_FILENO) == 0) return run_lines(shell);
  // A server that is not there should be told before the first statement is typed.
  TICKLAKE_TRY(source->tables());
  return run_prompt(shell, "SQL over " + (flags.lake.empty() ? flags.url : flags.lake) +
                               "; statements end with ;  (.help for help)");
}

}  // namespace

void add_sql_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<SqlFlags>();
  CLI::App* const command = app.add_subcommand("sql", "Query the live tables, or a lake");
  command->add_option("STATEMENT", flags->statement,
                      "One query; without it a prompt, or statements from standard input");
  CLI::Option* const url =
      command->add_option("--url", flags->url, "The server to ask")->capture_default_str();
  command->add_option("--lake", flags->lake, "A lake's folder or URL, read without a server")
      ->excludes(url);
  command->add_option("--output", flags->output, "table, csv or json (one object a line)")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->capture_default_str();
  command->add_option("--dialect", flags->dialect, "duckdb, or athena for Athena's (Trino's) SQL")
      ->check(CLI::IsMember({"duckdb", "athena"}))
      ->capture_default_str();
  command->add_option("--limit", flags->limit,
                      "Rows at most (default: 1000 in a table, all in csv and json)");
  add_query_limit_flags(*command, flags->query);
  command->get_option("--query-memory")->needs("--lake");
  command->get_option("--spill-bytes")->needs("--lake");
  command->callback([flags, &action] { action = [flags] { return run_sql(*flags); }; });
}

}  // namespace ticklake::cli
