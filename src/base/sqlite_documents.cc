#include "base/sqlite_documents.h"

namespace ticklake::base {

Result<SqliteDocuments> SqliteDocuments::open(FileSystem& files, const Path& path,
                                              const SqliteSchema& schema) {
  TICKLAKE_ASSIGN(auto database, SqliteDatabase::open_logged(files, path));
  SqliteDocuments documents(std::move(database));
  // Another process that makes it at the same time comes first or finds it made.
  TICKLAKE_ASSIGN(auto transaction, documents.begin());
  TICKLAKE_TRY(documents.database_.take_schema(schema));
  TICKLAKE_TRY(transaction.commit());
  return documents;
}

Result<SqliteStatement> SqliteDocuments::prepare(std::string_view sql, Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, database_.prepare(sql));
  int position = 0;
  for (const Argument& argument : arguments) {
    ++position;
    std::visit([&](const auto& value) { statement.bind(position, value); }, argument);
  }
  return statement;
}

Result<void> SqliteDocuments::run(std::string_view sql, Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, prepare(sql, arguments));
  return statement.run();
}

Result<std::optional<std::string>> SqliteDocuments::one(std::string_view sql, Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, prepare(sql, arguments));
  TICKLAKE_ASSIGN(const bool has_row, statement.step());
  if (!has_row) return std::optional<std::string>();
  return std::optional<std::string>(statement.text(0));
}

Result<std::vector<SqliteDocuments::Row>> SqliteDocuments::rows(std::string_view sql,
                                                                Arguments arguments) {
  TICKLAKE_ASSIGN(auto statement, prepare(sql, arguments));
  std::vector<Row> rows;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, statement.step());
    if (!has_row) return rows;
    rows.push_back({std::string(statement.text(0)), std::string(statement.text(1))});
  }
}

}  // namespace ticklake::base
