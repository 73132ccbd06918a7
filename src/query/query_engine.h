#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "query/rows.h"
#include "table/database.h"

namespace ticklake::query {
namespace athena {
class Relations;
}

/// Whose SQL a statement is. Athena's is translated (src/query/athena) and its values printed as
/// Athena prints them.
enum class Dialect : uint8_t { kDuckdb, kAthena };

struct QueryRequest {
  std::string sql;
  /// Rows after these are not computed; RunningQuery::truncated() tells whether there were any.
  uint64_t rows_max = 10'000;
  std::chrono::milliseconds time_max{30'000};
  /// Ends the query with kInterrupted within a few hundredths of a second.
  std::stop_token stop = {};
  /// Lists, structs and maps as JSON (ValueKind::kJson) instead of DuckDB's own text.
  bool nested_as_json = false;
  Dialect dialect = Dialect::kDuckdb;
  /// The rest is Athena's. Literals for the ? of the statement.
  std::vector<std::string> parameters = {};
  /// The tables that the statement may name. Null: those of the database.
  std::shared_ptr<const athena::Relations> relations = {};
  /// What is run in place of the query, made of it: a COPY. Its rows are then the result; columns()
  /// stays the query's. Never made of a user's text alone.
  std::function<base::Result<std::string>(const std::vector<Column>& columns,
                                          const std::string& query)>
      write = {};
  /// Made by this program: it may name files.
  bool is_own = false;
  /// RunningQuery::plan() is wanted.
  bool wants_plan = false;
};

struct EngineLimits {
  size_t sessions_max = 8;  ///< queries that run at once; more wait for their turn
  size_t sql_bytes_max = 256 * 1024;
  /// Of the whole process; queries are refused memory that would pass it, see
  /// table/memory_guard.h. 0: no limit.
  uint64_t resident_bytes_max = 0;
  /// SQL may name files of the database's allowed folders, and not only tables, and table functions
  /// that read nothing. Where these folders hold what not every user may read, it may not.
  bool names_files = false;
};

struct EngineStats {
  uint64_t queries = 0;
  uint64_t failed = 0;
};

struct TableColumns {
  std::string name;
  std::vector<Column> columns;
};

/// Why there is no table of that name, for the user who asked for it; none if there is no more to
/// say than that. Called by any thread.
using WhyAbsent = std::function<std::optional<base::Error>(std::string_view table)>;

namespace internal {
class Session;
class SessionPool;
}  // namespace internal

/// A statement whose rows are computed as they are asked for. Holds a session of the engine, and a
/// snapshot of the data, until it is destroyed. Move-only; one thread at a time.
class RunningQuery {
 public:
  RunningQuery(RunningQuery&&) noexcept;
  RunningQuery& operator=(RunningQuery&&) noexcept;
  ~RunningQuery();

  const std::vector<Column>& columns() const;
  /// The next rows, about kBlockBytesMax of them; an empty block after the last. kTimeout,
  /// kInterrupted, kNoSpace (memory, or disk for what does not fit) and kInvalidArgument (a row of
  /// more than kRowBytesMax) may come between any two blocks.
  base::Result<RowBlock> next();
  /// After the last block: whether rows_max cut the result.
  bool truncated() const;
  /// DuckDB's plan in JSON, as EXPLAIN (FORMAT json) has it; empty unless it was wanted.
  const std::string& plan() const;

 private:
  friend class QueryEngine;
  struct State;
  explicit RunningQuery(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Runs statements that only read, each in a session and a read-only transaction of its own, on a
/// database that others write. Thread-safe. Names of metadata columns (_offset, dt …) resolve, and
/// `SELECT *` does not show them: see metadata_columns.h.
class QueryEngine {
 public:
  /// `database` and `clock` must outlive the engine.
  QueryEngine(table::Database& database, const base::Clock& clock, EngineLimits limits = {});
  ~QueryEngine();

  /// Errors: kInvalidArgument (not SQL, unknown names, not a query: "only queries are allowed
  /// here"), kPermission (a file outside the lake), kTimeout, kInterrupted, kNoSpace, and
  /// kUnavailable when no session became free within time_max.
  base::Result<RunningQuery> start(QueryRequest request);

  /// Lets those who fill the tables say why one is not there. Before the first start().
  void explain_absent_tables(WhyAbsent why);

  /// The tables that sinks have made, by name, with the user's columns.
  base::Result<std::vector<TableColumns>> tables();

  EngineStats stats() const;

 private:
  std::unique_ptr<internal::SessionPool> pool_;
};

}  // namespace ticklake::query
