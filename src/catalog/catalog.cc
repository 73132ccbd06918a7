#include "catalog/catalog.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "catalog/answers.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

/// "tkct" in ASCII.
constexpr base::SqliteSchema kSchema{
    .what = "a catalog",
    .application_id = 0x746b6374,
    .version = 1,
    .create =
        "CREATE TABLE databases (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT,"
        " WITHOUT ROWID;"
        "CREATE TABLE tables (database TEXT, name TEXT, document TEXT NOT NULL,"
        " PRIMARY KEY (database, name)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE versions (database TEXT, name TEXT, version INTEGER, document TEXT NOT NULL,"
        " PRIMARY KEY (database, name, version)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE partitions (database TEXT, name TEXT, key TEXT, document TEXT NOT NULL,"
        " PRIMARY KEY (database, name, key)) STRICT;"};

std::string kept_document(const Table& table) { return to_text(to_json(table)); }

/// What kept_document() wrote, with what Catalog sets.
aws::Answer<Table> parse_table(std::string_view document) {
  TICKLAKE_ASSIGN(const auto json, kept_json(document));
  std::string problem;
  JsonReader reader(json, {}, problem);
  Table table = read_table(reader);
  table.created = reader.time("CreateTime").value_or(base::WallTime{});
  table.updated = reader.time("UpdateTime").value_or(base::WallTime{});
  table.created_by = reader.text_or_empty("CreatedBy", kAnyText);
  const std::string version = reader.text("VersionId", kAnyText);
  std::from_chars(version.data(), version.data() + version.size(), table.version);
  if (!problem.empty()) return unreadable(problem);
  return table;
}

aws::Answer<Database> parse_database(std::string_view document) {
  TICKLAKE_ASSIGN(const auto json, kept_json(document));
  std::string problem;
  Database database = read_database({json, {}, problem});
  if (!problem.empty()) return unreadable(problem);
  return database;
}

std::string version_text(const Table& table) { return std::to_string(table.version); }

}  // namespace

base::Result<std::unique_ptr<Catalog>> Catalog::open(base::FileSystem& files,
                                                     const base::Path& path,
                                                     const base::Clock& clock) {
  TICKLAKE_TRY(files.make_folders(path.parent_path()));
  TICKLAKE_ASSIGN(auto documents, base::SqliteDocuments::open(files, path, kSchema));
  std::unique_ptr<Catalog> catalog(new Catalog(std::move(documents), clock));
  for (const auto& [name, description] :
       {std::pair("default", "Default Hive database"),
        std::pair(kLiveDatabase.data(), "The tables that topics become")}) {
    if (catalog->get_database(name)) continue;
    const auto made = catalog->create_database({.name = name, .description = description});
    // Another process may have made it meanwhile.
    if (!made && made.error().kind == aws::ErrorKind::kInternal) {
      return base::fail(aws::to_base_error(made.error(), "cannot make the catalog"));
    }
  }
  return catalog;
}

aws::Answer<void> Catalog::run(std::string_view sql, base::SqliteDocuments::Arguments arguments) {
  return answered(documents_.run(sql, arguments));
}

aws::Answer<void> Catalog::in_transaction(const std::function<aws::Answer<void>()>& change) {
  TICKLAKE_ASSIGN(auto transaction, answered(documents_.begin()));
  TICKLAKE_TRY(change());
  return answered(transaction.commit());
}

aws::Answer<Database> Catalog::find_database(std::string_view name) {
  const std::string key = folded(name);
  TICKLAKE_ASSIGN(const auto document,
                  answered(documents_.one("SELECT document FROM databases WHERE name = ?", {key})));
  if (!document) return not_found("Database " + key + " not found.");
  return parse_database(*document);
}

aws::Answer<void> Catalog::create_database(Database database) {
  database.name = folded(database.name);
  database.created = clock_.wall_now();
  const std::string document = to_text(to_json(database));
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_TRY(run("INSERT OR IGNORE INTO databases VALUES (?, ?)", {database.name, document}));
    TICKLAKE_ASSIGN(const int64_t made, answered(documents_.changes()));
    if (made == 0) return already_exists("Database already exists.");
    return {};
  });
}

aws::Answer<Database> Catalog::get_database(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return find_database(name);
}

aws::Answer<Page<Database>> Catalog::list_databases(const PageRequest& page) {
  TICKLAKE_ASSIGN(const std::string after, last_key_of(page));
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(const auto rows,
                  answered(documents_.rows(
                      "SELECT name, document FROM databases WHERE name > ? ORDER BY name LIMIT ?",
                      {after, static_cast<int64_t>(page.max) + 1})));
  Page<Database> result;
  for (const base::SqliteDocuments::Row& row : rows) {
    if (result.items.size() == page.max) {
      result.next_token = page_token(result.items.back().name);
      break;
    }
    TICKLAKE_ASSIGN(Database database, parse_database(row.document));
    result.items.push_back(std::move(database));
  }
  return result;
}

aws::Answer<void> Catalog::update_database(std::string_view name, Database database) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(const Database old, find_database(name));
    if (folded(database.name) != old.name) {
      return invalid_input("A database cannot be given another name.");
    }
    database.name = old.name;
    database.created = old.created;
    return run("UPDATE databases SET document = ? WHERE name = ?",
               {to_text(to_json(database)), old.name});
  });
}

aws::Answer<void> Catalog::delete_database(std::string_view name) {
  const std::string key = folded(name);
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_TRY(find_database(key));
    TICKLAKE_TRY(run("DELETE FROM partitions WHERE database = ?", {key}));
    TICKLAKE_TRY(run("DELETE FROM versions WHERE database = ?", {key}));
    TICKLAKE_TRY(run("DELETE FROM tables WHERE database = ?", {key}));
    return run("DELETE FROM databases WHERE name = ?", {key});
  });
}

aws::Answer<Table> Catalog::find_table(std::string_view database, std::string_view name) {
  const std::string database_key = folded(database);
  const std::string key = folded(name);
  TICKLAKE_ASSIGN(
      const auto document,
      answered(documents_.one("SELECT document FROM tables WHERE database = ? AND name = ?",
                              {database_key, key})));
  if (document) return parse_table(*document);
  TICKLAKE_TRY(find_database(database_key));
  return not_found("Table " + key + " not found.");
}

aws::Answer<void> Catalog::put_table(const Table& table) {
  return run("INSERT OR REPLACE INTO tables VALUES (?, ?, ?)",
             {table.database, table.name, kept_document(table)});
}

aws::Answer<void> Catalog::create_table(std::string_view database, Table table,
                                        std::string_view created_by) {
  table.name = folded(table.name);
  table.database = folded(database);
  table.created = table.updated = clock_.wall_now();
  table.created_by = created_by;
  table.version = 0;
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_TRY(find_database(table.database));
    if (find_table(table.database, table.name)) {
      return already_exists("Table already exists.");
    }
    return put_table(table);
  });
}

aws::Answer<Table> Catalog::get_table(std::string_view database, std::string_view name) {
  const std::lock_guard lock(mutex_);
  return find_table(database, name);
}

aws::Answer<Page<Table>> Catalog::list_tables(
    std::string_view database, const PageRequest& page,
    const std::function<bool(std::string_view)>& accepts) {
  TICKLAKE_ASSIGN(const std::string after, last_key_of(page));
  const std::lock_guard lock(mutex_);
  TICKLAKE_TRY(find_database(database));
  TICKLAKE_ASSIGN(const auto rows,
                  answered(documents_.rows("SELECT name, document FROM tables"
                                           " WHERE database = ? AND name > ? ORDER BY name",
                                           {folded(database), after})));
  Page<Table> result;
  for (const base::SqliteDocuments::Row& row : rows) {
    if (accepts && !accepts(row.key)) continue;
    if (result.items.size() == page.max) {
      result.next_token = page_token(result.items.back().name);
      break;
    }
    TICKLAKE_ASSIGN(Table table, parse_table(row.document));
    result.items.push_back(std::move(table));
  }
  return result;
}

aws::Answer<void> Catalog::update_table(std::string_view database, Table table,
                                        const UpdateOptions& options) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(const Table old, find_table(database, table.name));
    if (options.version && *options.version != version_text(old)) {
      return aws::refuse_as("ConcurrentModificationException",
                            "Update table failed due to concurrent modifications.");
    }
    table.name = old.name;
    table.database = old.database;
    table.created = old.created;
    table.created_by = old.created_by;
    table.updated = clock_.wall_now();
    table.version = old.version + 1;
    if (options.keeps_old) {
      TICKLAKE_TRY(run("INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?)",
                       {old.database, old.name, old.version, kept_document(old)}));
    }
    return put_table(table);
  });
}

aws::Answer<void> Catalog::delete_table(std::string_view database, std::string_view name) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(const Table table, find_table(database, name));
    const base::SqliteDocuments::Arguments key{table.database, table.name};
    TICKLAKE_TRY(run("DELETE FROM partitions WHERE database = ? AND name = ?", key));
    TICKLAKE_TRY(run("DELETE FROM versions WHERE database = ? AND name = ?", key));
    return run("DELETE FROM tables WHERE database = ? AND name = ?", key);
  });
}

aws::Answer<Page<Table>> Catalog::list_table_versions(std::string_view database,
                                                      std::string_view table,
                                                      const PageRequest& page) {
  TICKLAKE_ASSIGN(const std::string last, last_key_of(page));
  int64_t before = INT64_MAX;
  std::from_chars(last.data(), last.data() + last.size(), before);
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(Table current, find_table(database, table));
  TICKLAKE_ASSIGN(
      const auto rows,
      answered(documents_.rows(
          "SELECT '', document FROM versions WHERE database = ? AND name = ?"
          " AND version < ? ORDER BY version DESC LIMIT ?",
          {current.database, current.name, before, static_cast<int64_t>(page.max) + 1})));
  Page<Table> result;
  if (current.version < before) result.items.push_back(std::move(current));
  for (const base::SqliteDocuments::Row& row : rows) {
    if (result.items.size() == page.max) {
      result.next_token = page_token(version_text(result.items.back()));
      break;
    }
    TICKLAKE_ASSIGN(Table old, parse_table(row.document));
    result.items.push_back(std::move(old));
  }
  return result;
}

aws::Answer<Table> Catalog::get_table_version(std::string_view database, std::string_view table,
                                              std::string_view version) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(Table current, find_table(database, table));
  if (version.empty() || version == version_text(current)) return current;
  TICKLAKE_ASSIGN(
      const auto document,
      answered(documents_.one("SELECT document FROM versions WHERE database = ? AND name = ?"
                              " AND CAST(version AS TEXT) = ?",
                              {current.database, current.name, version})));
  if (!document) return not_found("Table version " + std::string(version) + " not found.");
  return parse_table(*document);
}

aws::Answer<void> Catalog::delete_table_version(std::string_view database, std::string_view table,
                                                std::string_view version) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(const Table current, find_table(database, table));
    if (version == version_text(current)) {
      return invalid_input("The current version of a table cannot be deleted.");
    }
    TICKLAKE_TRY(
        run("DELETE FROM versions WHERE database = ? AND name = ?"
            " AND CAST(version AS TEXT) = ?",
            {current.database, current.name, version}));
    TICKLAKE_ASSIGN(const int64_t deleted, answered(documents_.changes()));
    if (deleted == 0) return not_found("Table version " + std::string(version) + " not found.");
    return {};
  });
}

}  // namespace ticklake::catalog
