#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "base/sqlite.h"

namespace ticklake::base {

/// Documents in an SQLite file of this program, read and written by short statements. One thread at
/// a time; other processes may use the file as well.
class SqliteDocuments {
 public:
  /// Made if it is not there. Errors as of SqliteDatabase::take_schema().
  static Result<SqliteDocuments> open(FileSystem& files, const Path& path,
                                      const SqliteSchema& schema);

  using Argument = std::variant<std::string_view, int64_t>;
  using Arguments = std::initializer_list<Argument>;
  struct Row {
    std::string key;
    std::string document;
  };

  /// A statement that gives no rows.
  Result<void> run(std::string_view sql, Arguments arguments);
  /// The first column of the first row.
  Result<std::optional<std::string>> one(std::string_view sql, Arguments arguments);
  /// The first two columns of each row.
  Result<std::vector<Row>> rows(std::string_view sql, Arguments arguments);
  /// Rows that the last run() changed.
  Result<int64_t> changes() { return database_.query_number("SELECT changes()"); }

  Result<SqliteTransaction> begin() { return SqliteTransaction::begin(database_); }

 private:
  explicit SqliteDocuments(SqliteDatabase database) : database_(std::move(database)) {}
  Result<SqliteStatement> prepare(std::string_view sql, Arguments arguments);

  SqliteDatabase database_;
};

}  // namespace ticklake::base
