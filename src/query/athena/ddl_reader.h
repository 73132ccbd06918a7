#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/athena/cursor.h"
#include "query/athena/statement.h"
#include "query/athena/translator.h"

namespace ticklake::query::athena {

/// Reads a statement by its first words: queries through the Translator, DDL in Hive's grammar.
class DdlReader {
 public:
  DdlReader(Cursor& cursor, const Options& options)
      : cursor_(cursor), translator_(cursor, options) {}

  /// The statement; what failed is with the cursor.
  Statement read();

 private:
  void query_into(Statement& statement, bool outermost = true);
  void create(Statement& statement);
  void create_table(Statement& statement);
  void create_view(Statement& statement);
  void create_database(Statement& statement);
  void table_clauses(Statement& statement);
  void row_format(StorageFormat& storage);
  void stored_as(StorageFormat& storage);
  void drop(Statement& statement);
  void show(Statement& statement);
  void describe(Statement& statement);
  void repair(Statement& statement);
  void alter(Statement& statement);
  void alter_partitions(Statement& statement, bool adds);
  void change_column(Statement& statement);
  void insert(Statement& statement);
  void unload(Statement& statement);
  void explain(Statement& statement);
  void prepare(Statement& statement);
  void execute(Statement& statement);

  std::vector<ColumnDefinition> column_definitions();
  ColumnDefinition column_definition();
  Properties properties();
  PartitionSpec partition_spec();
  std::vector<WithOption> with_options();
  std::vector<std::string> names_in_parens();
  std::string comment();
  bool if_exists();
  bool if_not_exists();
  std::string pattern();

  Cursor& cursor_;
  Translator translator_;
};

}  // namespace ticklake::query::athena
