#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/file_system.h"
#include "base/result.h"

struct sqlite3;  // SQLite's, whose header stays out of ours
struct sqlite3_stmt;

namespace ticklake::base {

/// One prepared statement. Positions of parameters count from 1, columns from 0, as in SQLite.
class SqliteStatement {
 public:
  void bind(int position, std::string_view text);
  void bind(int position, int64_t number);
  void bind(int position, ByteView blob);
  /// True while there is a row. kTimeout if another process kept the file locked, kNoSpace, kIo,
  /// kCorrupt.
  Result<bool> step();
  /// For the next execution; parameters are to be bound again.
  void reset();
  /// Executes a statement that gives no rows, and resets it. Errors as of step().
  Result<void> run();

  /// Of the row; valid until the next step().
  std::string_view text(int column) const;
  int64_t number(int column) const;
  ByteView blob(int column) const;

 private:
  friend class SqliteDatabase;
  struct Free {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Free> statement_;
};

/// What tells a file of ours from others, and what is in it.
struct SqliteSchema {
  const char* what;        ///< "one of identities", for messages
  int64_t application_id;  ///< SQLite's, four letters of ASCII
  int64_t version;
  const char* create;  ///< statements that make its tables
};

/// A connection to an SQLite file, made so that what was committed survives kill -9 and power loss.
/// One thread at a time.
class SqliteDatabase {
 public:
  /// Made if it is not there (rollback journal, synchronous=EXTRA); what was deleted is
  /// overwritten. The file is for this user only, also if it was more open before.
  static Result<SqliteDatabase> open_secret(FileSystem& files, const Path& path);
  /// The same for much that changes often: with a write-ahead log, so that others read, by
  /// connections of their own, while one writes; what was deleted stays until it is overwritten.
  static Result<SqliteDatabase> open_logged(FileSystem& files, const Path& path);

  /// Whether commits of open_logged() wait for the disk, as they do at first. Those that do not are
  /// on disk with the next one that does, and survive kill -9 in any case.
  Result<void> set_commits_wait(bool do_wait);

  /// In a transaction: makes the tables of a file that is new, and says whether it was.
  /// kInvalidData if the file is another program's, kUnsupported if a later version of ticklake
  /// made it.
  Result<bool> take_schema(const SqliteSchema& schema);

  /// One or more statements without parameters or rows.
  Result<void> execute(const char* sql);
  Result<SqliteStatement> prepare(std::string_view sql);
  Result<int64_t> query_number(std::string_view sql);

 private:
  friend class SqliteTransaction;
  struct Free {
    void operator()(sqlite3* database) const;
  };
  explicit SqliteDatabase(sqlite3* database, std::string name)
      : database_(database), name_(std::move(name)) {}
  static Result<SqliteDatabase> open(FileSystem& files, const Path& path, const char* pragmas);

  std::unique_ptr<sqlite3, Free> database_;
  std::string name_;
};

/// What is written in its life becomes true at commit(), all of it, or not at all. Nobody else
/// writes beside it. Must not outlive its database.
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> begin(SqliteDatabase& database);
  SqliteTransaction(SqliteTransaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  /// It is on disk when this returns.
  Result<void> commit();

 private:
  explicit SqliteTransaction(SqliteDatabase* database) : database_(database) {}

  SqliteDatabase* database_;  ///< null once it is over
};

}  // namespace ticklake::base
