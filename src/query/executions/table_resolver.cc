#include "query/executions/table_resolver.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "query/athena/statement.h"
#include "query/executions/hive_type.h"
#include "query/executions/partition_projection.h"
#include "query/sql_token.h"
#include "table/database.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using table::sql_identifier;
using table::sql_literal;

constexpr std::string_view kViewMark = "/* Presto View: ";
constexpr std::string_view kPartitionsMark = "$partitions";

bool is_absent(const aws::ServiceError& error) {
  return error.kind == aws::ErrorKind::kNoSuchEntity || error.code == "EntityNotFoundException";
}

AthenaError engine_error(const base::Error& error) {
  return {"GENERIC_INTERNAL_ERROR", base::to_line(error), athena::ErrorCategory::kSystem};
}

/// DuckDB's name of a live table's column type as the catalog would have it.
std::string hive_name(const std::string& duckdb_type) {
  if (duckdb_type == "TIMESTAMP WITH TIME ZONE" || duckdb_type.starts_with("TIMESTAMP")) {
    return "timestamp";
  }
  if (duckdb_type == "BLOB") return "binary";
  if (duckdb_type == "HUGEINT") return "bigint";
  const auto type = parse_hive_type(duckdb_type);
  return type ? to_hive(*type) : "string";
}

}  // namespace

AthenaError as_athena_error(const aws::ServiceError& error) {
  if (error.kind == aws::ErrorKind::kInternal) {
    return {"GENERIC_INTERNAL_ERROR", error.message, athena::ErrorCategory::kSystem};
  }
  const std::string name = error.code.empty() ? "HIVE_METASTORE_ERROR" : error.code;
  return {"HIVE_METASTORE_ERROR", error.message + " (" + name + ")"};
}

std::optional<ViewText> parse_view(const catalog::Table& table) {
  std::string_view text = table.view_original_text;
  if (!text.starts_with(kViewMark)) return std::nullopt;
  text.remove_prefix(kViewMark.size());
  const auto decoded = base::from_base64(text.substr(0, text.find(' ')));
  if (!decoded) return std::nullopt;
  const auto view = nlohmann::json::parse(base::as_text(*decoded), nullptr, false);
  if (!view.is_object() || !view.contains("originalSql") || !view["originalSql"].is_string()) {
    return std::nullopt;
  }
  const auto schema = view.find("schema");
  const bool has_schema = schema != view.end() && schema->is_string();
  return ViewText{view["originalSql"].get<std::string>(),
                  has_schema ? to_lower(schema->get<std::string>()) : table.database};
}

std::string to_view_text(const ViewText& view,
                         const std::vector<std::pair<std::string, std::string>>& columns) {
  nlohmann::json document{{"originalSql", view.sql},
                          {"catalog", "awsdatacatalog"},
                          {"schema", view.database},
                          {"columns", nlohmann::json::array()}};
  for (const auto& [name, type] : columns)
    document["columns"].push_back({{"name", name}, {"type", type}});
  const std::string text = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return std::string(kViewMark) + base::to_base64(base::as_bytes(text)) + " */";
}

athena::Result<const std::vector<TableColumns>*> TableResolver::live_tables() {
  if (!live_) {
    auto tables = backend_.engine.tables();
    if (!tables) return tl::unexpected(engine_error(tables.error()));
    live_ = std::move(*tables);
  }
  return &*live_;
}

athena::Result<bool> TableResolver::is_live(const std::string& database, const std::string& table) {
  if (database != catalog::kLiveDatabase) return false;
  TICKLAKE_ASSIGN(const std::vector<TableColumns>* live, live_tables());
  return std::ranges::any_of(
      *live, [&](const TableColumns& each) { return to_lower(each.name) == table; });
}

athena::Result<std::optional<catalog::Table>> TableResolver::find(const std::string& database,
                                                                  const std::string& table) {
  auto found = backend_.metadata.get_table(database, table);
  if (found) return std::move(*found);
  if (!is_absent(found.error())) return tl::unexpected(as_athena_error(found.error()));
  if (database != catalog::kLiveDatabase) return std::nullopt;
  TICKLAKE_ASSIGN(const std::vector<TableColumns>* live, live_tables());
  for (const TableColumns& each : *live) {
    if (to_lower(each.name) != table) continue;
    catalog::Table made{.name = table, .database = database, .type = "EXTERNAL_TABLE"};
    made.storage.emplace();
    for (const Column& column : each.columns)
      made.storage->columns.push_back({to_lower(column.name), hive_name(column.type)});
    made.storage->location = "s3://" + std::string(lake::kLakeBucket) + "/" + table + "/";
    return made;
  }
  return std::nullopt;
}

athena::Result<TableResolver::Resolved> TableResolver::resolve(
    const std::vector<athena::TableName>& tables, const std::string& database) {
  relations_ = std::make_shared<athena::Relations>(database);
  sources_.clear();
  live_read_.clear();
  for (const athena::TableName& name : tables) {
    if (!name.catalog.empty() && !athena::is_catalog_name(name.catalog)) continue;
    TICKLAKE_TRY(add(name.database.empty() ? database : name.database, name.table, 0));
  }
  return Resolved{std::move(relations_), std::move(sources_), std::move(live_read_)};
}

athena::Result<void> TableResolver::add(const std::string& database, const std::string& name,
                                        size_t depth) {
  if (relations_->find({"", database, name}) != nullptr) return {};
  if (depth > kViewDepthMax) {
    return tl::unexpected(AthenaError{"VIEW_IS_RECURSIVE", "views name each other more than " +
                                                               std::to_string(kViewDepthMax) +
                                                               " deep: " + database + "." + name});
  }
  std::string table_name = name;
  const bool is_of_partitions = name.ends_with(kPartitionsMark);
  if (is_of_partitions) table_name.resize(name.size() - kPartitionsMark.size());
  TICKLAKE_ASSIGN(const auto table, find(database, table_name));
  if (!table) {
    auto found = backend_.metadata.get_database(database);
    if (found || !is_absent(found.error())) return {};
    return tl::unexpected(
        AthenaError{"SCHEMA_NOT_FOUND", "Schema '" + database + "' does not exist"});
  }
  TICKLAKE_TRY(rights_.check_table("GetTable", database, table_name));
  if (is_of_partitions) return add_partitions(*table, name);
  TICKLAKE_ASSIGN(const bool live, is_live(database, name));
  if (live) return add_live(*table);
  if (const auto view = parse_view(*table)) return add_view(*table, *view, depth);
  return add_files(*table);
}

athena::Result<void> TableResolver::add_live(const catalog::Table& table) {
  TICKLAKE_TRY(
      rights_.check_object("GetObject", {std::string(lake::kLakeBucket), table.name + "/*"}));
  for (const TableColumns& each : *live_) {
    if (to_lower(each.name) != table.name) continue;
    relations_->add({table.database, table.name, "main." + sql_identifier(each.name)});
  }
  live_read_.push_back(table);
  return {};
}

athena::Result<TableSource> TableResolver::source_of_live(const catalog::Table& table) {
  TableSource source;
  source.is_live = true;
  // One that has no file yet is not in the catalog either.
  if (!table.storage || table.storage->location.empty()) return source;
  auto partitions = backend_.metadata.all_partitions(table.database, table.name);
  if (!partitions) {
    if (is_absent(partitions.error())) return source;
    return tl::unexpected(as_athena_error(partitions.error()));
  }
  TICKLAKE_ASSIGN(const std::vector<FileSet> sets,
                  files_of(backend_.buckets, table, *partitions, rights_));
  TICKLAKE_ASSIGN(const TableFormat format, table_format(table, *table.storage));
  source.format = format.kind;
  for (const FileSet& set : sets) {
    for (const TableFile& file : set.files) {
      source.bytes += file.bytes;
      source.files.emplace_back(file.path);
    }
  }
  return source;
}

athena::Result<void> TableResolver::add_view(const catalog::Table& table, const ViewText& view,
                                             size_t depth) {
  const auto first = athena::read_statement(view.sql);
  if (!first) return tl::unexpected(first.error());
  for (const athena::TableName& name : first->tables) {
    TICKLAKE_TRY(add(name.database.empty() ? view.database : name.database, name.table, depth + 1));
  }
  // Names of the view without a database are of its own.
  athena::Relations inner(view.database);
  for (const athena::Relation& relation : relations_->all())
    inner.add(relation);
  athena::Options options;
  options.relations = &inner;
  auto translated = athena::read_statement(view.sql, options);
  if (!translated) return tl::unexpected(translated.error());
  if (translated->kind != athena::StatementKind::kSelect) {
    return tl::unexpected(AthenaError{
        "INVALID_VIEW", "View '" + table.database + "." + table.name + "' is no query"});
  }
  relations_->add({table.database, table.name,
                   athena::common_table_name(table.database, table.name), translated->query});
  return {};
}

athena::Result<void> TableResolver::add_partitions(const catalog::Table& table,
                                                   const std::string& name) {
  auto partitions = backend_.metadata.all_partitions(table.database, table.name);
  if (!partitions) return tl::unexpected(as_athena_error(partitions.error()));
  std::string items;
  std::string columns;
  for (const catalog::Column& key : table.partition_keys) {
    const auto type = parse_hive_type(key.type);
    const std::string column = sql_identifier(to_lower(key.name));
    items += (items.empty() ? "" : ", ") +
             ("CAST(" + column + " AS " + (type ? to_duckdb(*type) : "VARCHAR") + ") AS " + column);
    columns += (columns.empty() ? "" : ", ") + column;
  }
  if (items.empty()) {
    return tl::unexpected(
        AthenaError{"TABLE_NOT_FOUND", "Table '" + table.name + "' has no partitions"});
  }
  std::string rows;
  for (const catalog::Partition& partition : *partitions) {
    std::string row;
    for (const std::string& value : partition.values)
      row += (row.empty() ? "(" : ", ") + sql_literal(value);
    rows += (rows.empty() ? "" : ", ") + row + ")";
  }
  if (rows.empty()) {
    for (size_t i = 0; i < table.partition_keys.size(); ++i)
      rows += i == 0 ? "(NULL" : ", NULL";
    rows += ")";
    items += " FROM (VALUES " + rows + ") AS p(" + columns + ") WHERE false";
  } else {
    items += " FROM (VALUES " + rows + ") AS p(" + columns + ")";
  }
  relations_->add(
      {table.database, name, athena::common_table_name(table.database, name), "SELECT " + items});
  return {};
}

athena::Result<std::vector<FileSet>> TableResolver::file_sets(const catalog::Table& table) {
  TICKLAKE_ASSIGN(const auto projection, PartitionProjection::of(table, backend_.clock.wall_now()));
  if (projection) return projected_files_of(backend_.buckets, table, *projection, rights_);
  std::vector<catalog::Partition> partitions;
  if (!table.partition_keys.empty()) {
    TICKLAKE_TRY(rights_.check_table("GetPartitions", table.database, table.name));
    auto all = backend_.metadata.all_partitions(table.database, table.name);
    if (!all) return tl::unexpected(as_athena_error(all.error()));
    partitions = std::move(*all);
  }
  return files_of(backend_.buckets, table, partitions, rights_);
}

athena::Result<void> TableResolver::add_files(const catalog::Table& table) {
  TICKLAKE_ASSIGN(std::vector<FileSet> sets, file_sets(table));
  TICKLAKE_TRY(spool(table, sets));
  TICKLAKE_ASSIGN(TableRelation relation,
                  table_relation(table, sets, [this](const std::vector<base::Path>& sample) {
                    return structure_of(sample);
                  }));
  relations_->add({table.database, table.name,
                   athena::common_table_name(table.database, table.name),
                   std::move(relation.query)});
  for (TableSource& source : relation.sources)
    sources_.push_back(std::move(source));
  return {};
}

athena::Result<void> TableResolver::spool(const catalog::Table& table, std::vector<FileSet>& sets) {
  for (FileSet& set : sets) {
    TICKLAKE_ASSIGN(const TableFormat format, table_format(table, set.storage));
    const auto location = S3Location::parse(set.storage.location);
    if (format.kind != TableFormat::Kind::kJson || !location) continue;
    const auto done = spooled_.spool(set, location->bucket, stop_);
    if (done) continue;
    if (done.error().code == base::ErrorCode::kInterrupted) {
      return tl::unexpected(AthenaError{"USER_CANCELED", "Query was cancelled"});
    }
    return tl::unexpected(engine_error(done.error()));
  }
  return {};
}

std::string TableResolver::structure_of(const std::vector<base::Path>& sample) {
  std::string list;
  for (const base::Path& path : sample)
    list += (list.empty() ? "" : ", ") + sql_literal(path.string());
  QueryRequest request;
  request.sql = "SELECT json_group_structure(json) FROM (SELECT json FROM read_json_objects([" +
                list + "], format = 'auto', ignore_errors = true) LIMIT 4096)";
  request.is_own = true;
  auto query = backend_.engine.start(std::move(request));
  if (!query) return {};
  const auto block = query->next();
  if (!block || block->rows() == 0) return {};
  return std::string(block->cell(0, 0).value_or(""));
}

}  // namespace ticklake::query::executions
