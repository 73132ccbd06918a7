#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/sql_shell.h"
#include "cli/sql_source.h"

namespace ticklake::cli {
namespace {

constexpr const char* kAthenaEngine = "athena";

struct SqlFlags {
  std::string url = "http://127.0.0.1:8080";
  std::string lake;
  std::string engine = "ticklake";
  AthenaFlags athena;
  std::string output = "table";
  std::string dialect = "duckdb";
  std::string statement;
  std::optional<uint64_t> limit;
  QueryLimitFlags query;

  bool is_athena() const { return engine == kAthenaEngine; }
};

base::Result<void> run_lines(SqlShell& shell, const std::stop_token& stop) {
  for (std::string line; std::getline(std::cin, line);) {
    TICKLAKE_ASSIGN(const SqlShell::Next next, shell.take_line(line, stop));
    if (next == SqlShell::Next::kQuit) return {};
  }
  return shell.finish(stop);
}

base::Result<std::unique_ptr<SqlSource>> open_source(const SqlFlags& flags,
                                                     const base::Clock& clock) {
  if (flags.is_athena()) return connect_athena(flags.athena, clock);
  const auto dialect =
      flags.dialect == "athena" ? query::Dialect::kAthena : query::Dialect::kDuckdb;
  if (flags.lake.empty()) return connect_server(flags.url, dialect);
  TICKLAKE_ASSIGN(const QueryLimits limits, query_limits(flags.query));
  return open_lake_source(flags.lake, limits, clock, dialect);
}

base::Result<void> run_sql(const SqlFlags& flags) {
  static const std::map<std::string, Output> kOutputs{
      {"table", Output::kTable}, {"csv", Output::kCsv}, {"json", Output::kJson}};
  std::signal(SIGPIPE, SIG_DFL);  // `ticklake sql … | head` ends quietly
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(const std::unique_ptr<SqlSource> source, open_source(flags, clock));
  SqlShell shell(*source, clock, {kOutputs.at(flags.output), flags.limit, true});
  const bool is_prompt = flags.statement.empty() && ::isatty(STDIN_FILENO) != 0;
  if (is_prompt) {
    // A server that is not there should be told before the first statement is typed.
    TICKLAKE_TRY(source->tables());
    const std::string where =
        flags.is_athena() ? "Athena" : (flags.lake.empty() ? flags.url : flags.lake);
    return run_prompt(shell, "SQL over " + where + "; statements end with ;  (.help for help)");
  }
  // Elsewhere the query ends with the connection, or with this process.
  std::optional<Interruption> interruption;
  if (flags.is_athena()) interruption.emplace("cancelling the query…");
  const std::stop_token stop = interruption ? interruption->token() : std::stop_token();
  if (flags.statement.empty()) return run_lines(shell, stop);
  if (!flags.statement.starts_with('.')) return shell.run(flags.statement, stop);
  TICKLAKE_TRY(shell.take_line(flags.statement, stop));
  return {};
}

void add_athena_flags(CLI::App& command, AthenaFlags& flags) {
  query::drivers::AthenaOptions& options = flags.options;
  command.add_option("--work-group", options.work_group, "Athena's work group")
      ->capture_default_str();
  command.add_option("--database", options.database, "Athena: of names without one");
  command.add_option("--catalog", options.catalog, "Athena: data catalog, AwsDataCatalog if none");
  command.add_option("--results", options.output_location,
                     "Athena: s3://… instead of the work group's");
  command.add_option("--region", flags.region, "Athena: instead of AWS_REGION's");
  for (const char* name : {"--work-group", "--database", "--catalog", "--results", "--region"})
    command.get_option(name)->needs("--engine");
}

}  // namespace

void add_sql_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<SqlFlags>();
  CLI::App* const command = app.add_subcommand("sql", "Query the live tables, a lake, or Athena");
  command->add_option("STATEMENT", flags->statement,
                      "One query; without it a prompt, or statements from standard input");
  CLI::Option* const url =
      command->add_option("--url", flags->url, "The server to ask")->capture_default_str();
  CLI::Option* const lake =
      command->add_option("--lake", flags->lake, "A lake's folder or URL, read without a server")
          ->excludes(url);
  command->add_option("--engine", flags->engine, "athena: Amazon Athena, by AWS's environment")
      ->check(CLI::IsMember({kAthenaEngine}))
      ->excludes(url)
      ->excludes(lake);
  add_athena_flags(*command, flags->athena);
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
