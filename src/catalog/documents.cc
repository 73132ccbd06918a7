#include "catalog/documents.h"

namespace ticklake::catalog {

base::Result<Documents> Documents::open(base::FileSystem& files, const base::Path& path,
                                        const Kind& kind) {
  TICKLAKE_ASSIGN(auto database, base::SqliteDatabase::open_secret(files, path));
  Documents documents(std::move(database));
  // Another process that makes it at the same time comes first or finds it made.
  TICKLAKE_ASSIGN(auto transaction, documents.begin());
  base::SqliteDatabase& file = documents.database_;
  TICKLAKE_ASSIGN(const int64_t application, file.query_number("PRAGMA application_id"));
  TICKLAKE_ASSIGN(const int64_t version, file.query_number("PRAGMA user_version"));
  TICKLAKE_ASSIGN(const int64_t tables, file.query_number("SELECT count(*) FROM sqlite_schema"));
  const bool is_new = application == 0 && version == 0 && tables == 0;
  if (!is_new && application != kind.application_id) {
    return base::fail(base::ErrorCode::kInvalidData, "cannot use " + path.string(),
                      std::string("it is an SQLite file, but not ") + kind.what);
  }
  if (version > kind.version) {
    return base::fail(base::ErrorCode::kUnsupported, "cannot use " + path.string(),
                      "its version is " + std::to_string(version) + ", and this program knows " +
                          std::to_string(kind.version),
                      "use the ticklake that made it, or a later one");
  }
  if (is_new) {
    TICKLAKE_TRY(file.execute(kind.create));
    const std::string marks = "PRAGMA application_id = " + std::to_string(kind.application_id) +
                              "; PRAGMA user_version = " + std::to_string(kind.version) + ";";
    TICKLAKE_TRY(file.execute(marks.c_str()));
  }
  TICKLAKE_TRY(transaction.commit());
  return documents;
}

base::Result<base::SqliteStatement> Documents::prepare(std::string_view sql, Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, database_.prepare(sql));
  int position = 0;
  for (const Argument& argument : arguments) {
    ++position;
    std::visit([&](const auto& value) { statement.bind(position, value); }, argument);
  }
  return statement;
}

base::Result<void> Documents::run(std::string_view sql, Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, prepare(sql, arguments));
  TICKLAKE_TRY(statement.step());
  return {};
}

base::Result<std::optional<std::string>> Documents::one(std::string_view sql, Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, prepare(sql, arguments));
  TICKLAKE_ASSIGN(const bool has_row, statement.step());
  if (!has_row) return std::optional<std::string>();
  return std::optional<std::string>(statement.text(0));
}

base::Result<std::vector<Documents::Row>> Documents::rows(std::string_view sql,
                                                          Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, prepare(sql, arguments));
  std::vector<Row> rows;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, statement.step());
    if (!has_row) return rows;
    rows.push_back({std::string(statement.text(0)), std::string(statement.text(1))});
  }
}

}  // namespace ticklake::catalog
