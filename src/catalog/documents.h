#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "base/sqlite.h"

namespace ticklake::catalog {

/// JSON documents in an SQLite file of this program: what the catalog and the crawlers are kept in.
/// One thread at a time; other processes may use the file as well.
class Documents {
 public:
  /// A file's own mark and layout.
  struct Kind {
    const char* what;        ///< "a catalog", for messages
    int64_t application_id;  ///< SQLite's
    int64_t version;
    const char* create;  ///< statements that make its tables
  };
  /// Made if it is not there. kUnsupported if a later version of ticklake made it; kInvalidData if
  /// it is another program's.
  static base::Result<Documents> open(base::FileSystem& files, const base::Path& path,
                                      const Kind& kind);

  using Argument = std::variant<std::string_view, int64_t>;
  using Arguments = std::initializer_list<Argument>;
  struct Row {
    std::string key;
    std::string document;
  };

  /// A statement that gives no rows.
  base::Result<void> run(std::string_view sql, Arguments arguments);
  /// The first column of the first row.
  base::Result<std::optional<std::string>> one(std::string_view sql, Arguments arguments);
  /// The first two columns of each row.
  base::Result<std::vector<Row>> rows(std::string_view sql, Arguments arguments);
  /// Rows that the last run() changed.
  base::Result<int64_t> changes() { return database_.query_number("SELECT changes()"); }

  base::Result<base::SqliteTransaction> begin() {
    return base::SqliteTransaction::begin(database_);
  }

 private:
  explicit Documents(base::SqliteDatabase database) : database_(std::move(database)) {}
  base::Result<base::SqliteStatement> prepare(std::string_view sql, Arguments arguments);

  base::SqliteDatabase database_;
};

}  // namespace ticklake::catalog
