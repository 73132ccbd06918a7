#include "query/athena/ddl_reader.h"

#include <array>
#include <charconv>

namespace ticklake::query::athena {
namespace {

/// What Athena has in Iceberg tables only, or not at all.
constexpr std::array<std::string_view, 18> kRefused{
    "delete", "update",  "merge",    "optimize", "vacuum", "truncate", "grant",  "revoke", "set",
    "use",    "analyze", "rollback", "commit",   "start",  "export",   "import", "lock",   "call"};

}  // namespace

Statement DdlReader::read() {
  Statement statement;
  if (cursor_.at_end()) {
    cursor_.fail_here("SYNTAX_ERROR", "the statement is empty");
    return statement;
  }
  if (translator_.starts_query()) {
    query_into(statement);
    return statement;
  }
  for (const std::string_view word : kRefused) {
    if (cursor_.is_word(word)) {
      cursor_.not_supported(std::string(word) + " statements", cursor_.position());
      return statement;
    }
  }
  using Reader = void (DdlReader::*)(Statement&);
  static constexpr std::pair<std::string_view, Reader> kReaders[] = {
      {"create", &DdlReader::create},     {"drop", &DdlReader::drop},
      {"show", &DdlReader::show},         {"describe", &DdlReader::describe},
      {"desc", &DdlReader::describe},     {"msck", &DdlReader::repair},
      {"alter", &DdlReader::alter},       {"insert", &DdlReader::insert},
      {"unload", &DdlReader::unload},     {"explain", &DdlReader::explain},
      {"prepare", &DdlReader::prepare},   {"execute", &DdlReader::execute},
      {"deallocate", &DdlReader::execute}};
  for (const auto& [word, reader] : kReaders) {
    if (!cursor_.is_word(word)) continue;
    (this->*reader)(statement);
    return statement;
  }
  cursor_.unexpected(
      "'ALTER', 'CREATE', 'DEALLOCATE', 'DESC', 'DESCRIBE', 'DROP', 'EXECUTE', 'EXPLAIN', "
      "'INSERT', 'MSCK', 'PREPARE', 'SHOW', 'UNLOAD', <query>");
  return statement;
}

void DdlReader::query_into(Statement& statement, bool outermost) {
  const size_t begin = cursor_.position();
  if (!translator_.starts_query()) {
    cursor_.unexpected("<query>");
    return;
  }
  statement.query = translator_.query(outermost);
  statement.query_text = std::string(cursor_.between(begin, cursor_.position()));
  statement.tables = translator_.tables();
  statement.overrides = translator_.overrides();
  statement.parameters = translator_.parameters();
}

bool DdlReader::if_exists() {
  if (!cursor_.accept_word("if")) return false;
  cursor_.expect_word("exists");
  return true;
}

bool DdlReader::if_not_exists() {
  if (!cursor_.accept_word("if")) return false;
  cursor_.expect_word("not");
  cursor_.expect_word("exists");
  return true;
}

std::string DdlReader::comment() {
  return cursor_.accept_word("comment") ? cursor_.expect_string() : std::string();
}

void DdlReader::drop(Statement& statement) {
  cursor_.expect_word("drop");
  if (cursor_.accept_word("database") || cursor_.accept_word("schema")) {
    statement.kind = StatementKind::kDropDatabase;
    statement.if_exists = if_exists();
    statement.name.database = translator_.table_name().table;
    statement.cascade = cursor_.accept_word("cascade");
    cursor_.accept_word("restrict");
  } else if (cursor_.accept_word("table")) {
    statement.kind = StatementKind::kDropTable;
    statement.if_exists = if_exists();
    statement.name = translator_.table_name();
  } else if (cursor_.accept_word("view")) {
    statement.kind = StatementKind::kDropView;
    statement.if_exists = if_exists();
    statement.name = translator_.table_name();
  } else {
    cursor_.unexpected("'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'");
  }
}

std::string DdlReader::pattern() {
  if (cursor_.accept_word("like")) return cursor_.expect_string();
  return cursor_.is_string() ? cursor_.expect_string() : std::string();
}

void DdlReader::show(Statement& statement) {
  cursor_.expect_word("show");
  const auto in_database = [&] {
    if (cursor_.accept_word("in") || cursor_.accept_word("from")) {
      const TableName name = translator_.table_name();
      statement.name.database = name.table;
    }
  };
  if (cursor_.accept_word("databases") || cursor_.accept_word("schemas")) {
    statement.kind = StatementKind::kShowDatabases;
    in_database();
    statement.name = {};
    statement.pattern = pattern();
  } else if (cursor_.accept_word("tables") || cursor_.is_word("views")) {
    statement.kind =
        cursor_.accept_word("views") ? StatementKind::kShowViews : StatementKind::kShowTables;
    in_database();
    statement.pattern = pattern();
  } else if (cursor_.accept_word("columns")) {
    statement.kind = StatementKind::kShowColumns;
    if (!cursor_.accept_word("in")) cursor_.expect_word("from");
    statement.name = translator_.table_name();
    in_database();
  } else if (cursor_.accept_word("partitions")) {
    statement.kind = StatementKind::kShowPartitions;
    statement.name = translator_.table_name();
  } else if (cursor_.accept_words("create", "view")) {
    statement.kind = StatementKind::kShowCreateView;
    statement.name = translator_.table_name();
  } else if (cursor_.accept_words("create", "table")) {
    statement.kind = StatementKind::kShowCreateTable;
    statement.name = translator_.table_name();
  } else if (cursor_.accept_word("tblproperties")) {
    statement.kind = StatementKind::kShowTableProperties;
    statement.name = translator_.table_name();
    if (cursor_.accept_symbol("(")) {
      statement.pattern = cursor_.expect_string();
      cursor_.expect_symbol(")");
    }
  } else if (!cursor_.at_end()) {
    cursor_.not_supported("SHOW " + std::string(cursor_.text().substr(0, 40)), cursor_.position());
  } else {
    cursor_.unexpected(
        "'COLUMNS', 'CREATE', 'DATABASES', 'PARTITIONS', 'SCHEMAS', 'TABLES', "
        "'TBLPROPERTIES', 'VIEWS'");
  }
}

void DdlReader::describe(Statement& statement) {
  cursor_.advance();
  statement.kind = StatementKind::kDescribe;
  if (cursor_.is_name(1) && (cursor_.is_word("input") || cursor_.is_word("output"))) {
    cursor_.not_supported("DESCRIBE INPUT and OUTPUT", cursor_.position());
    return;
  }
  statement.formatted = cursor_.accept_word("formatted") || cursor_.accept_word("extended");
  if (cursor_.is_name(1)) cursor_.accept_word("view");
  statement.name = translator_.table_name();
  if (cursor_.accept_word("partition")) statement.partitions.push_back(partition_spec());
  if (cursor_.is_name()) statement.column_name = cursor_.expect_name("<identifier>");
}

void DdlReader::repair(Statement& statement) {
  cursor_.expect_word("msck");
  cursor_.expect_word("repair");
  cursor_.expect_word("table");
  statement.kind = StatementKind::kRepairTable;
  statement.name = translator_.table_name();
}

PartitionSpec DdlReader::partition_spec() {
  PartitionSpec spec;
  cursor_.expect_symbol("(");
  do {
    const std::string name = cursor_.expect_name("<identifier>");
    cursor_.expect_symbol("=");
    std::string value;
    if (cursor_.is_string()) {
      value = cursor_.expect_string();
    } else if (cursor_.is_symbol("-") && cursor_.is_kind(TokenKind::kNumber, 1)) {
      cursor_.advance();
      value = "-" + std::string(cursor_.text());
      cursor_.advance();
    } else if (cursor_.is_kind(TokenKind::kNumber)) {
      value = std::string(cursor_.text());
      cursor_.advance();
    } else if (cursor_.is_kind(TokenKind::kWord) && cursor_.is_string(1)) {
      cursor_.advance();  // DATE '2026-01-01'
      value = cursor_.expect_string();
    } else {
      cursor_.unexpected("<value>");
    }
    spec.values.emplace_back(name, value);
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return spec;
}

void DdlReader::alter(Statement& statement) {
  const size_t token = cursor_.position();
  cursor_.expect_word("alter");
  if (!cursor_.accept_word("table")) {
    cursor_.not_supported("ALTER of what is no table", token);
    return;
  }
  statement.name = translator_.table_name();
  if (cursor_.accept_words("add", "columns")) {
    statement.kind = StatementKind::kAddColumns;
    statement.columns = column_definitions();
    cursor_.accept_word("cascade");
  } else if (cursor_.accept_words("replace", "columns")) {
    statement.kind = StatementKind::kReplaceColumns;
    statement.columns = column_definitions();
  } else if (cursor_.accept_word("change")) {
    change_column(statement);
  } else if (cursor_.accept_word("add")) {
    statement.if_not_exists = if_not_exists();
    alter_partitions(statement, true);
  } else if (cursor_.is_word("drop") && !cursor_.is_word("column", 1)) {
    cursor_.advance();
    statement.if_exists = if_exists();
    alter_partitions(statement, false);
  } else if (cursor_.accept_words("set", "tblproperties")) {
    statement.kind = StatementKind::kSetTableProperties;
    statement.properties = properties();
  } else if (cursor_.accept_words("set", "location")) {
    statement.kind = StatementKind::kSetLocation;
    statement.location = cursor_.expect_string();
  } else if (cursor_.accept_word("partition")) {
    statement.partitions.push_back(partition_spec());
    if (cursor_.accept_words("set", "location")) {
      statement.kind = StatementKind::kSetLocation;
      statement.location = cursor_.expect_string();
      return;
    }
    statement.kind = StatementKind::kRenamePartition;
    cursor_.expect_word("rename");
    cursor_.expect_word("to");
    cursor_.expect_word("partition");
    statement.partitions.push_back(partition_spec());
  } else {
    cursor_.not_supported("ALTER TABLE " + std::string(cursor_.text().substr(0, 40)),
                          cursor_.position());
  }
}

void DdlReader::alter_partitions(Statement& statement, bool adds) {
  statement.kind = adds ? StatementKind::kAddPartitions : StatementKind::kDropPartitions;
  cursor_.expect_word("partition");
  do {
    PartitionSpec spec = partition_spec();
    if (adds && cursor_.accept_word("location")) spec.location = cursor_.expect_string();
    statement.partitions.push_back(std::move(spec));
    cursor_.accept_symbol(",");
  } while (cursor_.accept_word("partition"));
}

void DdlReader::change_column(Statement& statement) {
  statement.kind = StatementKind::kChangeColumn;
  cursor_.accept_word("column");
  statement.column_name = cursor_.expect_name("<identifier>");
  statement.columns.push_back(column_definition());
  if (!cursor_.accept_word("first") && cursor_.accept_word("after")) {
    cursor_.expect_name("<identifier>");
  }
}

void DdlReader::insert(Statement& statement) {
  cursor_.expect_word("insert");
  cursor_.expect_word("into");
  cursor_.accept_word("table");
  statement.kind = StatementKind::kInsert;
  statement.name = translator_.table_name();
  if (cursor_.is_symbol("(") && !translator_.starts_query()) {
    statement.insert_columns = names_in_parens();
  }
  query_into(statement, false);
}

void DdlReader::unload(Statement& statement) {
  cursor_.expect_word("unload");
  cursor_.expect_symbol("(");
  statement.kind = StatementKind::kUnload;
  query_into(statement, false);
  cursor_.expect_symbol(")");
  cursor_.expect_word("to");
  statement.location = cursor_.expect_string();
  if (cursor_.accept_word("with")) statement.with = with_options();
}

void DdlReader::explain(Statement& statement) {
  cursor_.expect_word("explain");
  const bool analyzes = cursor_.accept_word("analyze");
  if (analyzes) cursor_.accept_word("verbose");
  if (cursor_.is_symbol("(") && !translator_.starts_query()) {
    cursor_.move_to(cursor_.position() + cursor_.behind_paren());
  }
  query_into(statement, false);
  statement.kind = StatementKind::kExplain;
  statement.query = (analyzes ? "EXPLAIN ANALYZE " : "EXPLAIN ") + statement.query;
}

void DdlReader::prepare(Statement& statement) {
  cursor_.expect_word("prepare");
  const std::string name = cursor_.expect_name("<identifier>");
  cursor_.expect_word("from");
  const size_t begin = cursor_.position();
  Statement inner = read();
  inner.query_text = std::string(cursor_.between(begin, cursor_.position()));
  const bool may_be_prepared =
      inner.kind == StatementKind::kSelect || inner.kind == StatementKind::kInsert ||
      inner.kind == StatementKind::kCreateTableAsSelect || inner.kind == StatementKind::kUnload;
  if (!may_be_prepared) cursor_.not_supported("PREPARE of this statement", begin);
  statement = std::move(inner);
  statement.kind = StatementKind::kPrepare;
  statement.prepared_name = name;
}

/// EXECUTE name [USING …], DEALLOCATE PREPARE name.
void DdlReader::execute(Statement& statement) {
  if (cursor_.accept_word("deallocate")) {
    cursor_.expect_word("prepare");
    statement.kind = StatementKind::kDeallocate;
    statement.prepared_name = cursor_.expect_name("<identifier>");
    return;
  }
  cursor_.expect_word("execute");
  if (cursor_.accept_word("immediate")) {
    cursor_.not_supported("EXECUTE IMMEDIATE", cursor_.position());
    return;
  }
  statement.kind = StatementKind::kExecute;
  statement.prepared_name = cursor_.expect_name("<identifier>");
  if (!cursor_.accept_word("using")) return;
  do {
    const size_t begin = cursor_.position();
    translator_.expression();
    statement.execute_values.emplace_back(cursor_.between(begin, cursor_.position()));
  } while (cursor_.accept_symbol(","));
}

}  // namespace ticklake::query::athena
