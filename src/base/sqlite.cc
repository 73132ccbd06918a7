#include "base/sqlite.h"

#include <sqlite3.h>

#include "base/assert.h"

namespace ticklake::base {
namespace {

constexpr int kBusyMilliseconds = 5'000;
constexpr const char* kSecretPragmas =
    "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON;"
    "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON";
constexpr const char* kLoggedPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
    "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-4096";

ErrorCode code_of(int status) {
  switch (status & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::kTimeout;
    case SQLITE_FULL: return ErrorCode::kNoSpace;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kCorrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return ErrorCode::kPermission;
    case SQLITE_CONSTRAINT: return ErrorCode::kAlreadyExists;
    default: return ErrorCode::kIo;
  }
}

tl::unexpected<Error> failed(sqlite3* database, int status, std::string what) {
  Error error{code_of(status), std::move(what), ::sqlite3_errmsg(database), {}, false};
  if (error.code == ErrorCode::kTimeout) {
    error.advice = "see which other process uses the file";
    error.retriable = true;
  }
  return tl::unexpected(std::move(error));
}

/// Before the first connection. A count of all memory that is in use would be a lock that every
/// allocation of every connection takes.
void configure() {
  static const int status = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(status);  // where somebody has used SQLite before us it counts, and is slower
}

std::string file_of(sqlite3* database) {
  const char* const name = ::sqlite3_db_filename(database, "main");
  return name ? name : "the database";
}

}  // namespace

void SqliteStatement::Free::operator()(sqlite3_stmt* statement) const {
  ::sqlite3_finalize(statement);  // repeats the error of the last step
}

void SqliteStatement::bind(int position, std::string_view text) {
  // A null pointer would be NULL; the text is copied.
  const char* const data = text.data() ? text.data() : "";
  const int status = ::sqlite3_bind_text64(statement_.get(), position, data, text.size(),
                                           SQLITE_TRANSIENT, SQLITE_UTF8);
  TICKLAKE_ASSERT(status == SQLITE_OK);
}

void SqliteStatement::bind(int position, int64_t number) {
  const int status = ::sqlite3_bind_int64(statement_.get(), position, number);
  TICKLAKE_ASSERT(status == SQLITE_OK);
}

void SqliteStatement::bind(int position, ByteView blob) {
  const void* const data = blob.data() ? static_cast<const void*>(blob.data()) : "";
  const int status =
      ::sqlite3_bind_blob64(statement_.get(), position, data, blob.size(), SQLITE_TRANSIENT);
  TICKLAKE_ASSERT(status == SQLITE_OK);
}

Result<bool> SqliteStatement::step() {
  const int status = ::sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return failed(database_, status, "cannot read or write " + file_of(database_));
}

void SqliteStatement::reset() {
  ::sqlite3_reset(statement_.get());  // repeats the error of the last step
  ::sqlite3_clear_bindings(statement_.get());
}

Result<void> SqliteStatement::run() {
  const auto has_row = step();
  reset();
  if (!has_row) return tl::unexpected(has_row.error());
  TICKLAKE_ASSERT(!*has_row);
  return {};
}

std::string_view SqliteStatement::text(int column) const {
  const auto* const data = ::sqlite3_column_text(statement_.get(), column);
  if (!data) return {};
  return {reinterpret_cast<const char*>(data),
          static_cast<size_t>(::sqlite3_column_bytes(statement_.get(), column))};
}

int64_t SqliteStatement::number(int column) const {
  return ::sqlite3_column_int64(statement_.get(), column);
}

ByteView SqliteStatement::blob(int column) const {
  const void* const data = ::sqlite3_column_blob(statement_.get(), column);
  return {static_cast<const std::byte*>(data),
          static_cast<size_t>(::sqlite3_column_bytes(statement_.get(), column))};
}

void SqliteDatabase::Free::operator()(sqlite3* database) const { ::sqlite3_close_v2(database); }

Result<SqliteDatabase> SqliteDatabase::open_secret(FileSystem& files, const Path& path) {
  return open(files, path, kSecretPragmas);
}

Result<SqliteDatabase> SqliteDatabase::open_logged(FileSystem& files, const Path& path) {
  return open(files, path, kLoggedPragmas);
}

Result<SqliteDatabase> SqliteDatabase::open(FileSystem& files, const Path& path,
                                            const char* pragmas) {
  {
    TICKLAKE_ASSIGN(const bool was_there, files.exists(path));
    TICKLAKE_ASSIGN(const auto file, files.open(path, OpenMode::kCreateSecret));
    if (!was_there) TICKLAKE_TRY(files.sync_folder(path.parent_path()));
    std::error_code error;
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    if (error) {
      return fail(os_error(error.value(), "cannot keep " + path.string() + " from other users"));
    }
  }
  configure();
  sqlite3* opened = nullptr;
  // Calls come one at a time, so SQLite need not lock for itself.
  const int status = ::sqlite3_open_v2(path.c_str(), &opened,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteDatabase database(opened, path.string());
  if (status != SQLITE_OK) return failed(opened, status, "cannot open " + path.string());
  ::sqlite3_busy_timeout(opened, kBusyMilliseconds);
  ::sqlite3_extended_result_codes(opened, 1);
  TICKLAKE_TRY(database.execute(pragmas));
  return database;
}

Result<void> SqliteDatabase::set_commits_wait(bool do_wait) {
  return execute(do_wait ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

Result<bool> SqliteDatabase::take_schema(const SqliteSchema& schema) {
  TICKLAKE_ASSIGN(const int64_t application, query_number("PRAGMA application_id"));
  TICKLAKE_ASSIGN(const int64_t version, query_number("PRAGMA user_version"));
  TICKLAKE_ASSIGN(const int64_t tables, query_number("SELECT count(*) FROM sqlite_schema"));
  const bool is_new = application == 0 && version == 0 && tables == 0;
  if (!is_new && application != schema.application_id) {
    return fail(ErrorCode::kInvalidData, "cannot use " + name_,
                std::string("it is an SQLite file, but not ") + schema.what);
  }
  if (version > schema.version) {
    return fail(ErrorCode::kUnsupported, "cannot use " + name_,
                "its version is " + std::to_string(version) + ", and this program knows " +
                    std::to_string(schema.version),
                "use the ticklake that made it, or a later one");
  }
  if (!is_new) return false;
  TICKLAKE_TRY(execute(schema.create));
  const std::string marks = "PRAGMA application_id = " + std::to_string(schema.application_id) +
                            "; PRAGMA user_version = " + std::to_string(schema.version);
  TICKLAKE_TRY(execute(marks.c_str()));
  return true;
}

Result<void> SqliteDatabase::execute(const char* sql) {
  const int status = ::sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (status == SQLITE_OK) return {};
  return failed(database_.get(), status, "cannot read or write " + name_);
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int status = ::sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                          &statement, nullptr);
  if (status != SQLITE_OK) {
    return failed(database_.get(), status, "cannot read or write " + name_);
  }
  return SqliteStatement(database_.get(), statement);
}

Result<int64_t> SqliteDatabase::query_number(std::string_view sql) {
  TICKLAKE_ASSIGN(SqliteStatement statement, prepare(sql));
  TICKLAKE_ASSIGN(const bool has_row, statement.step());
  return has_row ? statement.number(0) : 0;
}

Result<SqliteTransaction> SqliteTransaction::begin(SqliteDatabase& database) {
  TICKLAKE_TRY(database.execute("BEGIN IMMEDIATE"));
  return SqliteTransaction(&database);
}

SqliteTransaction::~SqliteTransaction() {
  if (!database_) return;
  // Fails only where SQLite has rolled back by itself.
  static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> SqliteTransaction::commit() {
  TICKLAKE_ASSERT(database_);
  TICKLAKE_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace ticklake::base
