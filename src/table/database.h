#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <duckdb.h>

#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::table {

/// How an in-memory DuckDB is set up. Extensions are never installed or loaded by themselves, and
/// the session's time zone is UTC.
struct DatabaseOptions {
  uint64_t memory_bytes_max = 0;  ///< DuckDB's memory_limit; 0 leaves DuckDB's default
  uint32_t threads = 0;           ///< 0 leaves DuckDB's default (one per core)
  /// Where queries that need more may put what does not fit; empty: nowhere. Must exist. A locked
  /// down database writes there all the same, and its SQL can read what is there.
  base::Path spill_folder = {};
  uint64_t spill_bytes_max = 0;  ///< of all files there together; 0 leaves DuckDB's default
  /// If not empty, the database is locked down when open() returns: SQL reads and writes files
  /// only below these folders, and can change no setting any more.
  std::vector<base::Path> allowed_folders = {};
};

/// The outcome of one statement, with its rows. Move-only; use from one thread at a time.
class QueryResult {
 public:
  /// Takes over `result`.
  explicit QueryResult(duckdb_result result) : result_(result), owned_(true) {}
  QueryResult(QueryResult&& other) noexcept : result_(other.result_), owned_(other.owned_) {
    other.owned_ = false;
  }
  QueryResult& operator=(QueryResult&& other) noexcept;
  ~QueryResult();

  size_t column_count() { return duckdb_column_count(&result_); }
  std::string column_name(size_t column) { return duckdb_column_name(&result_, column); }
  duckdb_type column_type(size_t column) { return duckdb_column_type(&result_, column); }
  /// Rows that an INSERT, UPDATE or DELETE changed.
  uint64_t rows_changed() { return duckdb_rows_changed(&result_); }
  /// The next rows in DuckDB's column vectors; null after the last. A streamed result computes
  /// them now, and may fail midway with an Error.
  class Chunk;
  base::Result<Chunk> next_chunk();
  /// Column 0 of the first row, for statements that give one number (SQL NULL gives 0). Consumes
  /// the first chunk. kInvalidArgument if there is no row or the column is no integer.
  base::Result<int64_t> single_integer();
  duckdb_result* handle() { return &result_; }

 private:
  duckdb_result result_;
  bool owned_;
};

/// Up to duckdb_vector_size() rows. Move-only; false when there are no more.
class QueryResult::Chunk {
 public:
  explicit Chunk(duckdb_data_chunk chunk) : chunk_(chunk) {}
  Chunk(Chunk&& other) noexcept : chunk_(other.chunk_) { other.chunk_ = nullptr; }
  Chunk& operator=(Chunk&& other) noexcept;
  ~Chunk();

  explicit operator bool() const { return chunk_ != nullptr; }
  size_t rows() const { return duckdb_data_chunk_get_size(chunk_); }
  duckdb_vector vector(size_t column) const { return duckdb_data_chunk_get_vector(chunk_, column); }
  duckdb_data_chunk handle() const { return chunk_; }

 private:
  duckdb_data_chunk chunk_;
};

/// One session. query() and stream() from one thread at a time; interrupt() from any.
class Connection {
 public:
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  /// Runs all statements of `sql`; the result of the last one, all rows in memory.
  /// Errors: kInterrupted after interrupt(), kNoSpace when memory or disk ran out, kPermission
  /// for files outside the allowed folders, else kInvalidArgument; `cause` is DuckDB's text.
  base::Result<QueryResult> query(std::string_view sql);
  /// Runs one statement, whose rows are computed as they are asked for.
  base::Result<QueryResult> stream(std::string_view sql);
  /// Makes the running statement, if any, end with kInterrupted.
  void interrupt() { duckdb_interrupt(connection_); }
  duckdb_connection handle() { return connection_; }

 private:
  friend class Database;
  explicit Connection(duckdb_connection connection) : connection_(connection) {}

  duckdb_connection connection_ = nullptr;
};

/// Threads that run DuckDB's tasks beside those that wait for a result. They are this program's
/// own, and not DuckDB's, so that MemoryGuard knows them as working for queries.
class Workers {
 public:
  Workers(duckdb_database database, uint32_t count);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

 private:
  duckdb_task_state state_;
  std::vector<std::thread> threads_;
};

/// An in-memory DuckDB; connections share its tables. Thread-safe.
class Database {
 public:
  static base::Result<Database> open(const DatabaseOptions& options);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  base::Result<Connection> connect();
  /// What DatabaseOptions::allowed_folders does, for a database that was opened without. Cannot
  /// be undone or done twice.
  base::Result<void> lock_down(const std::vector<base::Path>& allowed_folders);
  /// Loads one of the extensions that set-up places beside libduckdb.so ("ducklake", "httpfs"),
  /// for all connections; once loaded, calling it again is free. To be called before lock_down().
  /// kNotFound if its file is not there.
  base::Result<void> load_extension(std::string_view name);

 private:
  explicit Database(duckdb_database database) : database_(database) {}

  duckdb_database database_ = nullptr;
  std::unique_ptr<Workers> workers_;
};

/// `text` as a SQL string literal, quotes included.
std::string sql_literal(std::string_view text);
/// `name` as a SQL identifier, double quotes included.
std::string sql_identifier(std::string_view name);

}  // namespace ticklake::table
