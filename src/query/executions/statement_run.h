#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "query/athena/statement.h"
#include "query/executions/backend.h"
#include "query/executions/execution.h"
#include "query/executions/execution_store.h"
#include "query/executions/table_resolver.h"

namespace ticklake::query::executions {

/// How long a statement may run: Athena's quota for DML.
inline constexpr std::chrono::minutes kStatementTimeMax{30};

/// Runs one statement on behalf of its caller and writes its files: results to
/// `<output><id>.csv` or `.txt`, what CTAS, UNLOAD and INSERT have written to
/// `<output><id>-manifest.csv`. Fills the execution's columns, files, counts and statistics.
class StatementRun {
 public:
  StatementRun(const Backend& backend, ExecutionStore& store, const Caller& caller,
               Execution& execution, std::stop_token stop);

  /// Errors: why the execution fails. Cancelled: "GENERIC…" of no meaning, as `stop` tells it.
  athena::Result<void> run();

 private:
  friend class CatalogStatement;
  friend class ShowStatement;
  using Statement = athena::Statement;

  athena::Result<void> dispatch(const std::string& sql, const std::vector<std::string>& parameters,
                                size_t depth);
  athena::Result<void> check_parameters(const Statement& statement,
                                        const std::vector<std::string>& parameters) const;

  // statement_run.cc: queries
  athena::Result<void> select(const std::string& sql, const Statement& statement,
                              const std::vector<std::string>& parameters);
  athena::Result<void> write_rows(RunningQuery& query, const S3Location& file, bool as_lines);
  athena::Result<QueryRequest> request_of(const std::string& sql, const Statement& statement,
                                          const std::vector<std::string>& parameters);
  void describe(const RunningQuery& query, bool as_lines);
  void count_bytes(const std::string& plan);
  athena::Result<void> prepare(const Statement& statement);
  athena::Result<void> execute(const Statement& statement, size_t depth);
  athena::Result<void> deallocate(const Statement& statement);

  // written_data.cc: CTAS, UNLOAD, INSERT
  struct Written;
  athena::Result<void> create_table_as(const std::string& sql, const Statement& statement,
                                       const std::vector<std::string>& parameters);
  athena::Result<void> unload(const std::string& sql, const Statement& statement,
                              const std::vector<std::string>& parameters);
  athena::Result<void> insert(const std::string& sql, const Statement& statement,
                              const std::vector<std::string>& parameters);
  athena::Result<Written> write_data(QueryRequest request, const Written& plan);
  athena::Result<void> store_files(const base::Path& staged, Written& written);
  athena::Result<void> write_manifest(const Written& written);
  athena::Result<S3Location> empty_folder(const std::string& location, const std::string& of_what);
  athena::Result<void> register_table(const std::string& database, const std::string& name,
                                      const Written& written);
  athena::Result<void> add_partitions(const std::string& database, const catalog::Table& table,
                                      const Written& written);

  /// The text of SHOW and DESCRIBE, a row a line.
  athena::Result<void> write_lines(const std::vector<std::string>& names,
                                   const std::vector<std::string>& lines);
  athena::Result<void> put_text(const S3Location& object, std::string_view text);
  athena::Result<S3Location> output(std::string_view suffix) const;
  /// The database of a name, of the query's context where it has none.
  std::string database_of(const athena::TableName& name) const;
  /// Why it failed, for the caller.
  athena::AthenaError failure(const base::Error& error) const;
  static athena::AthenaError failure_as_told(const base::Error& error);

  const Backend& backend_;
  ExecutionStore& store_;
  const CallerRights rights_;
  Execution& execution_;
  const std::stop_token stop_;
  TableResolver resolver_;
  std::vector<TableSource> sources_;
  std::vector<catalog::Table> live_;
};

}  // namespace ticklake::query::executions
