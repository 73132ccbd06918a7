#include "query/athena/statement.h"

#include <array>

#include "query/athena/ddl_reader.h"

namespace ticklake::query::athena {
namespace {

struct KindNames {
  StatementKind kind;
  std::string_view type;
  std::string_view substatement;
};
constexpr std::array<KindNames, 31> kKinds{{
    {StatementKind::kSelect, "DML", "SELECT"},
    {StatementKind::kCreateTableAsSelect, "DDL", "CREATE_TABLE_AS_SELECT"},
    {StatementKind::kUnload, "DML", "UNLOAD"},
    {StatementKind::kInsert, "DML", "INSERT"},
    {StatementKind::kCreateExternalTable, "DDL", "CREATE_TABLE"},
    {StatementKind::kCreateDatabase, "DDL", "CREATE_DATABASE"},
    {StatementKind::kDropDatabase, "DDL", "DROP_DATABASE"},
    {StatementKind::kDropTable, "DDL", "DROP_TABLE"},
    {StatementKind::kCreateView, "DDL", "CREATE_VIEW"},
    {StatementKind::kDropView, "DDL", "DROP_VIEW"},
    {StatementKind::kShowDatabases, "UTILITY", "SHOW_DATABASES"},
    {StatementKind::kShowTables, "UTILITY", "SHOW_TABLES"},
    {StatementKind::kShowViews, "UTILITY", "SHOW_VIEWS"},
    {StatementKind::kShowColumns, "UTILITY", "SHOW_COLUMNS"},
    {StatementKind::kShowPartitions, "UTILITY", "SHOW_PARTITIONS"},
    {StatementKind::kShowCreateTable, "UTILITY", "SHOW_CREATE_TABLE"},
    {StatementKind::kShowCreateView, "UTILITY", "SHOW_CREATE_VIEW"},
    {StatementKind::kShowTableProperties, "UTILITY", "SHOW_TBLPROPERTIES"},
    {StatementKind::kDescribe, "UTILITY", "DESCRIBE_TABLE"},
    {StatementKind::kRepairTable, "DDL", "MSCK_REPAIR"},
    {StatementKind::kAddPartitions, "DDL", "ALTER_TABLE_ADD_PARTITION"},
    {StatementKind::kDropPartitions, "DDL", "ALTER_TABLE_DROP_PARTITION"},
    {StatementKind::kRenamePartition, "DDL", "ALTER_TABLE_RENAME_PARTITION"},
    {StatementKind::kAddColumns, "DDL", "ALTER_TABLE_ADD_COLUMNS"},
    {StatementKind::kReplaceColumns, "DDL", "ALTER_TABLE_REPLACE_COLUMNS"},
    {StatementKind::kChangeColumn, "DDL", "ALTER_TABLE_CHANGE_COLUMN"},
    {StatementKind::kSetLocation, "DDL", "ALTER_TABLE_SET_LOCATION"},
    {StatementKind::kSetTableProperties, "DDL", "ALTER_TABLE_SET_TBLPROPERTIES"},
    {StatementKind::kExplain, "UTILITY", "EXPLAIN"},
    {StatementKind::kPrepare, "UTILITY", "PREPARE"},
    {StatementKind::kExecute, "DML", "EXECUTE"},
}};

const KindNames* names_of(StatementKind kind) {
  for (const KindNames& names : kKinds) {
    if (names.kind == kind) return &names;
  }
  return nullptr;
}

}  // namespace

std::string_view Statement::statement_type() const {
  const KindNames* names = names_of(kind);
  return names == nullptr ? "UTILITY" : names->type;
}

std::string_view Statement::substatement_type() const {
  const KindNames* names = names_of(kind);
  return names == nullptr ? "DEALLOCATE" : names->substatement;
}

Result<Statement> read_statement(std::string_view text, const Options& options) {
  if (text.size() > kStatementBytesMax) {
    return tl::unexpected(
        AthenaError{"QUERY_TEXT_TOO_LONG", "Query text length (" + std::to_string(text.size()) +
                                               ") exceeds the maximum length (" +
                                               std::to_string(kStatementBytesMax) + ")"});
  }
  if (text.find('\0') != std::string_view::npos) {
    return tl::unexpected(AthenaError{"SYNTAX_ERROR", "the statement holds a NUL character"});
  }
  Cursor cursor(text);
  DdlReader reader(cursor, options);
  Statement statement = reader.read();
  cursor.expect_end();
  if (cursor.failed()) return tl::unexpected(cursor.error());
  return statement;
}

}  // namespace ticklake::query::athena
