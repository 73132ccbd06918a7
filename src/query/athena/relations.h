#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/athena/statement.h"

namespace ticklake::query::athena {

/// What the name of one table stands for in DuckDB.
struct Relation {
  std::string database;  ///< in lower case, as the name of the table
  std::string table;
  /// What stands in FROM: `main."trades"` for a live table, else the name of a common table.
  std::string reference;
  /// The query that the common table is; empty where `reference` is a table that is there.
  std::string query = {};
};

/// The tables that a statement may name, and nothing else: names that are not among them are
/// TABLE_NOT_FOUND. Made by who knows the catalog and what the caller may read.
class Relations {
 public:
  explicit Relations(std::string database) : database_(std::move(database)) {}

  /// One whose query names others comes after those.
  void add(Relation relation) { all_.push_back(std::move(relation)); }

  /// By a name with or without database and catalog; null if there is none.
  const Relation* find(const TableName& name) const;
  /// The database of names without one.
  const std::string& database() const { return database_; }
  const std::vector<Relation>& all() const { return all_; }

  /// Makes t.c of db.t.c and of catalog.db.t.c, as a relation is called by its table's name only.
  void drop_database(std::vector<std::string>& parts) const;

  /// A query of DuckDB with all common tables in front of it; EXPLAIN stays in front of all.
  std::string with_common_tables(const std::string& query) const;

 private:
  std::string database_;
  std::vector<Relation> all_;
};

/// The one catalog that there is, in any case.
bool is_catalog_name(std::string_view name);

/// How a common table of Relations is called: `"db.table"`, quotes included.
std::string common_table_name(std::string_view database, std::string_view table);

}  // namespace ticklake::query::athena
