#include "table/database.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <dlfcn.h>

#include "table/memory_guard.h"

namespace ticklake::table {
namespace {

base::ErrorCode code_of(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_INTERRUPT: return base::ErrorCode::kInterrupted;
    case DUCKDB_ERROR_OUT_OF_MEMORY: return base::ErrorCode::kNoSpace;
    case DUCKDB_ERROR_PERMISSION: return base::ErrorCode::kPermission;
    case DUCKDB_ERROR_IO: return base::ErrorCode::kIo;
    default: return base::ErrorCode::kInvalidArgument;
  }
}

base::Error query_error(std::string text, duckdb_error_type type) {
  base::ErrorCode code = code_of(type);
  if (text.find("No space left on device") != std::string::npos) {
    code = base::ErrorCode::kNoSpace;
  } else if (text.find("Permission denied") != std::string::npos ||
             text.find("Read-only file system") != std::string::npos) {
    code = base::ErrorCode::kPermission;
  }
  return base::Error{code, "the query failed", std::move(text), {}, false};
}

base::Error result_error(duckdb_result* result) {
  const char* text = duckdb_result_error(result);
  return query_error(text ? text : "DuckDB gave no reason", duckdb_result_error_type(result));
}

/// A DuckDB configuration, destroyed at the end of scope.
class Config {
 public:
  Config() { duckdb_create_config(&config_); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  ~Config() { duckdb_destroy_config(&config_); }

  base::Result<void> set(const char* name, const std::string& value) {
    if (duckdb_set_config(config_, name, value.c_str()) == DuckDBSuccess) return {};
    return base::fail(base::ErrorCode::kInvalidArgument,
                      std::string("cannot set DuckDB's option ") + name + " to '" + value + "'");
  }
  duckdb_config handle() { return config_; }

 private:
  duckdb_config config_ = nullptr;
};

uint32_t thread_count(const DatabaseOptions& options) {
  return options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
}

base::Result<void> configure(Config& config, const DatabaseOptions& options) {
  TICKLAKE_TRY(config.set("autoinstall_known_extensions", "false"));
  TICKLAKE_TRY(config.set("autoload_known_extensions", "false"));
  TICKLAKE_TRY(config.set("allow_community_extensions", "false"));
  TICKLAKE_TRY(config.set("temp_directory", options.spill_folder.string()));
  // All of them come from outside: one that waits for a result, the others in Workers.
  const std::string threads = std::to_string(thread_count(options));
  TICKLAKE_TRY(config.set("threads", threads));
  TICKLAKE_TRY(config.set("external_threads", threads));
  if (options.memory_bytes_max > 0) {
    TICKLAKE_TRY(config.set("memory_limit", std::to_string(options.memory_bytes_max) + "B"));
  }
  return {};
}

/// The folder of the libduckdb.so that this process runs with.
base::Path library_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&duckdb_library_version), &info) == 0) return {};
  return base::Path(info.dli_fname).parent_path();
}

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

}  // namespace

QueryResult& QueryResult::operator=(QueryResult&& other) noexcept {
  std::swap(result_, other.result_);
  std::swap(owned_, other.owned_);
  return *this;
}

QueryResult::~QueryResult() {
  if (owned_) duckdb_destroy_result(&result_);
}

base::Result<QueryResult::Chunk> QueryResult::next_chunk() {
  duckdb_data_chunk chunk = duckdb_fetch_chunk(result_);
  if (chunk == nullptr) {
    const char* text = duckdb_result_error(&result_);
    if (text != nullptr && *text != '\0') return tl::unexpected(result_error(&result_));
  }
  return Chunk(chunk);
}

base::Result<int64_t> QueryResult::single_integer() {
  TICKLAKE_ASSIGN(Chunk chunk, next_chunk());
  if (!chunk || chunk.rows() == 0) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the query gave no row");
  }
  duckdb_vector vector = chunk.vector(0);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, 0)) return 0;
  const void* data = duckdb_vector_get_data(vector);
  switch (column_type(0)) {
    case DUCKDB_TYPE_BIGINT: return *static_cast<const int64_t*>(data);
    case DUCKDB_TYPE_INTEGER: return *static_cast<const int32_t*>(data);
    case DUCKDB_TYPE_UBIGINT: return static_cast<int64_t>(*static_cast<const uint64_t*>(data));
    case DUCKDB_TYPE_HUGEINT:
      return static_cast<int64_t>(static_cast<const duckdb_hugeint*>(data)->lower);
    case DUCKDB_TYPE_BOOLEAN: return *static_cast<const bool*>(data) ? 1 : 0;
    default: return base::fail(base::ErrorCode::kInvalidArgument, "the query gave no integer");
  }
}

QueryResult::Chunk& QueryResult::Chunk::operator=(Chunk&& other) noexcept {
  std::swap(chunk_, other.chunk_);
  return *this;
}

QueryResult::Chunk::~Chunk() {
  if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
}

Connection::Connection(Connection&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

Connection::~Connection() {
  if (connection_ != nullptr) duckdb_disconnect(&connection_);
}

base::Result<QueryResult> Connection::query(std::string_view sql) {
  duckdb_result result;
  const std::string text(sql);
  if (duckdb_query(connection_, text.c_str(), &result) == DuckDBError) {
    base::Error error = result_error(&result);
    duckdb_destroy_result(&result);
    return tl::unexpected(std::move(error));
  }
  return QueryResult(result);
}

base::Result<QueryResult> Connection::stream(std::string_view sql) {
  const std::string text(sql);
  duckdb_prepared_statement statement = nullptr;
  duckdb_pending_result pending = nullptr;
  base::Result<QueryResult> outcome = [&]() -> base::Result<QueryResult> {
    if (duckdb_prepare(connection_, text.c_str(), &statement) == DuckDBError) {
      return tl::unexpected(query_error(duckdb_prepare_error(statement), DUCKDB_ERROR_INVALID));
    }
    if (duckdb_pending_prepared_streaming(statement, &pending) == DuckDBError) {
      return tl::unexpected(query_error(duckdb_pending_error(pending), DUCKDB_ERROR_INVALID));
    }
    duckdb_result result;
    if (duckdb_execute_pending(pending, &result) == DuckDBError) {
      base::Error error = result_error(&result);
      duckdb_destroy_result(&result);
      return tl::unexpected(std::move(error));
    }
    return QueryResult(result);
  }();
  if (pending != nullptr) duckdb_destroy_pending(&pending);
  if (statement != nullptr) duckdb_destroy_prepare(&statement);
  return outcome;
}

Workers::Workers(duckdb_database database, uint32_t count)
    : state_(duckdb_create_task_state(database)) {
  for (uint32_t i = 0; i < count; ++i) {
    threads_.emplace_back([this] {
      const QueryMemoryScope scope;
      while (!duckdb_task_state_is_finished(state_)) {
        try {
          duckdb_execute_tasks_state(state_);
        } catch (const std::exception&) {
          // Memory that was refused where DuckDB does not expect it. The query misses a task and
          // ends at its time limit; this thread goes on with those of others.
        }
      }
    });
  }
}

Workers::~Workers() {
  duckdb_finish_execution(state_);
  for (std::thread& thread : threads_)
    thread.join();
  duckdb_destroy_task_state(state_);
}

base::Result<Database> Database::open(const DatabaseOptions& options) {
  Config config;
  TICKLAKE_TRY(configure(config, options));
  duckdb_database handle = nullptr;
  char* message = nullptr;
  if (duckdb_open_ext(nullptr, &handle, config.handle(), &message) == DuckDBError) {
    std::string cause = message ? message : "";
    duckdb_free(message);
    return base::fail(base::ErrorCode::kIo, "cannot open an in-memory DuckDB", std::move(cause));
  }
  Database database(handle);
  database.workers_ = std::make_unique<Workers>(handle, thread_count(options) - 1);
  TICKLAKE_ASSIGN(Connection connection, database.connect());
  // Checkpoints would compress hot rows, which are on their way to files anyhow.
  TICKLAKE_TRY(
      connection.query("SET GLOBAL TimeZone = 'UTC'; SET GLOBAL parquet_metadata_cache = true; SET "
                       "GLOBAL checkpoint_threshold = '1TB'"));
  if (options.spill_bytes_max > 0) {
    // Given to duckdb_open_ext it would be shown by current_setting(), and not obeyed.
    TICKLAKE_TRY(connection.query("SET GLOBAL max_temp_directory_size = '" +
                                  std::to_string(options.spill_bytes_max) + "B'"));
  }
  if (!options.allowed_folders.empty()) {
    TICKLAKE_TRY(database.lock_down(options.allowed_folders));
  }
  return database;
}

Database::Database(Database&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), workers_(std::move(other.workers_)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(workers_, other.workers_);
  return *this;
}

Database::~Database() {
  workers_.reset();
  if (database_ != nullptr) duckdb_close(&database_);
}

base::Result<Connection> Database::connect() {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database_, &connection) == DuckDBError) {
    return base::fail(base::ErrorCode::kIo, "cannot connect to the in-memory DuckDB");
  }
  return Connection(connection);
}

base::Result<void> Database::lock_down(const std::vector<base::Path>& allowed_folders) {
  std::string folders;
  for (const base::Path& folder : allowed_folders) {
    if (!folders.empty()) folders += ", ";
    folders += sql_literal(std::filesystem::absolute(folder).lexically_normal().string());
  }
  TICKLAKE_ASSIGN(Connection connection, connect());
  TICKLAKE_TRY(connection.query("SET GLOBAL allowed_directories = [" + folders +
                                "]; SET GLOBAL enable_external_access = false; "
                                "SET GLOBAL lock_configuration = true"));
  return {};
}

base::Result<void> Database::load_extension(std::string_view name) {
  const base::Path file = library_folder() / (std::string(name) + ".duckdb_extension");
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) {
    return tl::unexpected(base::Error{
        base::ErrorCode::kNotFound, "cannot load DuckDB's extension " + std::string(name),
        file.string() + " is not there",
        "run the set-up again (make build), or put the file beside libduckdb.so", false});
  }
  TICKLAKE_ASSIGN(Connection connection, connect());
  TICKLAKE_TRY(connection.query("LOAD " + sql_literal(file.string())));
  return {};
}

std::string sql_literal(std::string_view text) { return quoted(text, '\''); }
std::string sql_identifier(std::string_view name) { return quoted(name, '"'); }

}  // namespace ticklake::table
