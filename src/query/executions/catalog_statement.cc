#include "query/executions/catalog_statement.h"

#include <algorithm>
#include <map>

#include "aws/percent_encoding.h"
#include "query/executions/hive_storage.h"
#include "query/executions/hive_type.h"
#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using athena::StatementKind;

/// In the words of Hive, which runs Athena's DDL.
tl::unexpected<AthenaError> hive_failure(const std::string& what) {
  return tl::unexpected(AthenaError{
      "FAILED",
      "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. " + what});
}

tl::unexpected<AthenaError> refused(const aws::ServiceError& error) {
  if (error.kind == aws::ErrorKind::kInternal) return tl::unexpected(as_athena_error(error));
  std::string name = error.code;
  if (const size_t end = name.find("Exception"); end != std::string::npos) name.resize(end);
  if (name == "EntityNotFound") name = "NoSuchObject";
  return hive_failure(name + "Exception(message:" + error.message + ")");
}

athena::Result<void> done(const aws::Answer<void>& answer) {
  if (!answer) return refused(answer.error());
  return {};
}

bool is_code(const aws::ServiceError& error, std::string_view code) { return error.code == code; }

std::vector<catalog::Column> columns_of(const std::vector<athena::ColumnDefinition>& columns) {
  std::vector<catalog::Column> out;
  for (const athena::ColumnDefinition& column : columns)
    out.push_back({column.name, column.type, column.comment});
  return out;
}

/// The values of a spec in the order of the table's keys; none if it is not for these keys.
std::optional<std::vector<std::string>> values_of(const athena::PartitionSpec& spec,
                                                  const catalog::Table& table) {
  std::vector<std::string> values;
  for (const catalog::Column& key : table.partition_keys) {
    const auto found = std::ranges::find_if(spec.values, [&](const auto& value) {
      return to_lower(value.first) == to_lower(key.name);
    });
    if (found == spec.values.end()) return std::nullopt;
    values.push_back(found->second);
  }
  if (spec.values.size() != values.size()) return std::nullopt;
  return values;
}

std::string folder_of(const catalog::Table& table, const std::vector<std::string>& values) {
  const auto root = S3Location::parse(table.storage ? table.storage->location : "");
  std::string folder = root ? root->as_folder().text() : "";
  for (size_t i = 0; i < values.size(); ++i)
    folder += table.partition_keys[i].name + "=" + aws::percent_encoded(values[i]) + "/";
  return folder;
}

catalog::Partition partition_at(const catalog::Table& table, std::vector<std::string> values,
                                const std::string& location) {
  catalog::Partition partition{.values = std::move(values)};
  partition.storage = table.storage;
  partition.storage->location = location;
  return partition;
}

}  // namespace

athena::Result<void> CatalogStatement::run(const Statement& statement) {
  TICKLAKE_TRY(apply(statement));
  return run_.write_lines({}, lines_);
}

athena::Result<void> CatalogStatement::apply(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kCreateDatabase: return create_database(statement);
    case StatementKind::kDropDatabase: return drop_database(statement);
    case StatementKind::kCreateExternalTable: return create_table(statement);
    case StatementKind::kDropTable: return drop(statement, false);
    case StatementKind::kDropView: return drop(statement, true);
    case StatementKind::kCreateView: return create_view(statement);
    case StatementKind::kRepairTable: return repair(statement);
    case StatementKind::kAddPartitions: return add_partitions(statement);
    case StatementKind::kDropPartitions: return drop_partitions(statement);
    case StatementKind::kRenamePartition: return rename_partition(statement);
    default: return change_table(statement);
  }
}

athena::Result<catalog::Table> CatalogStatement::own_table(const Statement& statement,
                                                           std::string_view action) {
  const std::string database = run_.database_of(statement.name);
  const std::string& name = statement.name.table;
  TICKLAKE_TRY(run_.rights_.check_table(action, database, name));
  TICKLAKE_ASSIGN(const bool live, run_.resolver_.is_live(database, name));
  if (live) {
    return tl::unexpected(
        AthenaError{"NOT_SUPPORTED", "the table " + database + "." + name + " is a sink's"});
  }
  TICKLAKE_ASSIGN(auto table, run_.resolver_.find(database, name));
  if (!table) return hive_failure("NoSuchObjectException(message:Table not found " + name + ")");
  return std::move(*table);
}

athena::Result<void> CatalogStatement::create_database(const Statement& statement) {
  const std::string& name = statement.name.database;
  TICKLAKE_TRY(run_.rights_.check_database("CreateDatabase", name));
  catalog::Database database{
      .name = name, .description = statement.comment, .location_uri = statement.location};
  for (const auto& [key, value] : statement.properties)
    database.parameters[key] = value;
  const auto made = run_.backend_.metadata.create_database(std::move(database));
  if (!made && statement.if_not_exists && is_code(made.error(), "AlreadyExistsException")) {
    return {};
  }
  if (!made && is_code(made.error(), "AlreadyExistsException")) {
    return hive_failure("Database " + name + " already exists");
  }
  return done(made);
}

athena::Result<void> CatalogStatement::drop_database(const Statement& statement) {
  const std::string& name = statement.name.database;
  TICKLAKE_TRY(run_.rights_.check_database("DeleteDatabase", name));
  const auto found = run_.backend_.metadata.get_database(name);
  if (!found) {
    if (statement.if_exists) return {};
    return hive_failure("SemanticException [Error 10072]: Database does not exist: " + name);
  }
  if (!statement.cascade) {
    const auto tables = run_.backend_.metadata.list_tables(name, {.max = 1});
    if (tables && !tables->items.empty()) {
      return hive_failure("InvalidOperationException(message:Database " + name +
                          " is not empty. One or more tables exist.)");
    }
  }
  return done(run_.backend_.metadata.delete_database(name));
}

athena::Result<void> CatalogStatement::create_table(const Statement& statement) {
  const std::string database = run_.database_of(statement.name);
  const std::string& name = statement.name.table;
  TICKLAKE_TRY(run_.rights_.check_table("CreateTable", database, name));
  const auto location = S3Location::parse(statement.location);
  if (!location) {
    return hive_failure(
        "MetaException(message:No location was specified for table. An S3 "
        "location must be specified)");
  }
  catalog::Table table{.name = name, .description = statement.comment, .type = "EXTERNAL_TABLE"};
  TICKLAKE_ASSIGN(catalog::StorageDescriptor storage, hive_storage(statement.storage));
  storage.columns = columns_of(statement.columns);
  storage.location = statement.location;
  storage.bucket_columns = statement.bucketed_by;
  if (statement.buckets > 0) storage.buckets = statement.buckets;
  table.storage = std::move(storage);
  table.partition_keys = columns_of(statement.partition_columns);
  table.parameters["EXTERNAL"] = "TRUE";
  for (const auto& [key, value] : statement.properties)
    table.parameters[key] = value;
  TICKLAKE_ASSIGN(const bool live, run_.resolver_.is_live(database, name));
  const auto made = live ? aws::Answer<void>(aws::refuse_as("AlreadyExistsException",
                                                            "Table " + name + " already exists."))
                         : run_.backend_.metadata.create_table(database, std::move(table),
                                                               run_.execution_.caller);
  if (!made && statement.if_not_exists && is_code(made.error(), "AlreadyExistsException")) {
    return {};
  }
  return done(made);
}

athena::Result<void> CatalogStatement::drop(const Statement& statement, bool is_view) {
  const std::string database = run_.database_of(statement.name);
  const std::string& name = statement.name.table;
  TICKLAKE_TRY(run_.rights_.check_table("DeleteTable", database, name));
  TICKLAKE_ASSIGN(const bool live, run_.resolver_.is_live(database, name));
  if (live) return own_table(statement, "DeleteTable").map([](const auto&) {});
  TICKLAKE_ASSIGN(const auto table, run_.resolver_.find(database, name));
  if (!table) {
    if (statement.if_exists) return {};
    return hive_failure("SemanticException [Error 10001]: Table not found " + name);
  }
  if (is_view != (table->type == "VIRTUAL_VIEW")) {
    return hive_failure(is_view ? "SemanticException [Error 10218]: Cannot drop a base table with "
                                  "DROP VIEW"
                                : "SemanticException [Error 10217]: Cannot drop a view with DROP "
                                  "TABLE");
  }
  return done(run_.backend_.metadata.delete_table(database, name));
}

athena::Result<void> CatalogStatement::create_view(const Statement& statement) {
  const std::string database = run_.database_of(statement.name);
  const std::string& name = statement.name.table;
  TICKLAKE_TRY(run_.rights_.check_table("CreateTable", database, name));
  TICKLAKE_ASSIGN(const bool live, run_.resolver_.is_live(database, name));
  TICKLAKE_ASSIGN(const auto existing, run_.resolver_.find(database, name));
  if (live || (existing && !statement.or_replace)) {
    return tl::unexpected(AthenaError{
        "ALREADY_EXISTS", "View already exists: 'awsdatacatalog." + database + "." + name + "'"});
  }
  std::string sql = statement.query_text;
  if (!statement.columns.empty()) {
    std::string names;
    for (const athena::ColumnDefinition& column : statement.columns)
      names += (names.empty() ? "\"" : ", \"") + column.name + "\"";
    sql = "SELECT * FROM (" + sql + "\n) AS t (" + names + ")";
  }
  // Its columns are found out by preparing it, as its caller may read it.
  TICKLAKE_ASSIGN(QueryRequest request, run_.request_of(sql, statement, {}));
  request.rows_max = 0;
  auto query = run_.backend_.engine.start(std::move(request));
  if (!query) return tl::unexpected(run_.failure(query.error()));
  std::vector<std::pair<std::string, std::string>> columns;
  catalog::Table table{.name = name, .type = "VIRTUAL_VIEW"};
  table.storage.emplace();
  for (const Column& column : query->columns()) {
    const auto type = parse_hive_type(column.type);
    columns.emplace_back(column.name, column.type);
    table.storage->columns.push_back({column.name, type ? to_hive(*type) : "string"});
  }
  table.view_original_text = to_view_text({sql, database}, columns);
  table.view_expanded_text = "/* Presto View */";
  table.parameters = {{"presto_view", "true"}, {"comment", "Presto View"}};
  if (existing) return done(run_.backend_.metadata.update_table(database, std::move(table), {}));
  return done(
      run_.backend_.metadata.create_table(database, std::move(table), run_.execution_.caller));
}

athena::Result<void> CatalogStatement::repair(const Statement& statement) {
  TICKLAKE_ASSIGN(const catalog::Table table, own_table(statement, "BatchCreatePartition"));
  const auto root = S3Location::parse(table.storage ? table.storage->location : "");
  if (!root || table.partition_keys.empty()) {
    return hive_failure("Table " + table.name + " is not a partitioned table");
  }
  const S3Location folder = root->as_folder();
  TICKLAKE_TRY(run_.rights_.check_listing(folder));
  std::map<std::vector<std::string>, std::string> found;  // values -> folder
  lake::ListRequest request{.prefix = folder.key, .entries_max = 10'000};
  while (true) {
    auto page = run_.backend_.buckets.list(folder.bucket, request);
    if (!page) return tl::unexpected(run_.failure(page.error()));
    for (const lake::ObjectEntry& object : page->objects) {
      std::vector<std::string> values;
      size_t begin = folder.key.size();
      for (const catalog::Column& key : table.partition_keys) {
        const std::string mark = to_lower(key.name) + "=";
        const size_t end = object.key.find('/', begin);
        if (end == std::string::npos) break;
        const std::string part = object.key.substr(begin, end - begin);
        if (!to_lower(part).starts_with(mark)) break;
        values.push_back(
            aws::percent_decoded(part.substr(mark.size())).value_or(part.substr(mark.size())));
        begin = end + 1;
      }
      if (values.size() != table.partition_keys.size()) continue;
      found.emplace(std::move(values), "s3://" + folder.bucket + "/" + object.key.substr(0, begin));
    }
    if (!page->next) break;
    request.from = *page->next;
  }
  std::vector<catalog::Partition> partitions;
  for (const auto& [values, location] : found)
    partitions.push_back(partition_at(table, values, location));
  const auto made =
      run_.backend_.metadata.create_partitions(table.database, table.name, partitions);
  if (!made) return refused(made.error());
  for (size_t i = 0; i < made->size(); ++i) {
    if ((*made)[i]) continue;
    std::string name;
    for (size_t k = 0; k < partitions[i].values.size(); ++k) {
      name += (k > 0 ? "/" : "") + table.partition_keys[k].name + "=" + partitions[i].values[k];
    }
    lines_.push_back("Repair: Added partition to metastore " + table.name + ":" + name);
  }
  return {};
}

athena::Result<void> CatalogStatement::add_partitions(const Statement& statement) {
  TICKLAKE_ASSIGN(const catalog::Table table, own_table(statement, "BatchCreatePartition"));
  std::vector<catalog::Partition> partitions;
  for (const athena::PartitionSpec& spec : statement.partitions) {
    auto values = values_of(spec, table);
    if (!values) {
      return hive_failure(
          "ValidationFailureSemanticException partition spec does not match the "
          "partition columns of table " +
          table.name);
    }
    const std::string location = spec.location.empty() ? folder_of(table, *values) : spec.location;
    partitions.push_back(partition_at(table, std::move(*values), location));
  }
  const auto made =
      run_.backend_.metadata.create_partitions(table.database, table.name, partitions);
  if (!made) return refused(made.error());
  for (const catalog::Catalog::Outcome& outcome : *made) {
    if (!outcome) continue;
    if (statement.if_not_exists && is_code(*outcome, "AlreadyExistsException")) continue;
    return refused(*outcome);
  }
  return {};
}

athena::Result<void> CatalogStatement::drop_partitions(const Statement& statement) {
  TICKLAKE_ASSIGN(const catalog::Table table, own_table(statement, "BatchDeletePartition"));
  std::vector<std::vector<std::string>> all;
  for (const athena::PartitionSpec& spec : statement.partitions) {
    auto values = values_of(spec, table);
    if (!values) {
      return hive_failure("partition spec does not match the partition columns of table " +
                          table.name);
    }
    all.push_back(std::move(*values));
  }
  const auto removed = run_.backend_.metadata.delete_partitions(table.database, table.name, all);
  if (!removed) return refused(removed.error());
  for (const catalog::Catalog::Outcome& outcome : *removed) {
    if (!outcome || (statement.if_exists && is_code(*outcome, "EntityNotFoundException"))) continue;
    return refused(*outcome);
  }
  return {};
}

athena::Result<void> CatalogStatement::rename_partition(const Statement& statement) {
  TICKLAKE_ASSIGN(const catalog::Table table, own_table(statement, "UpdatePartition"));
  if (statement.partitions.size() != 2) return hive_failure("two partitions are needed");
  const auto from = values_of(statement.partitions[0], table);
  auto to = values_of(statement.partitions[1], table);
  if (!from || !to) return hive_failure("partition spec does not match the partition columns");
  const auto found = run_.backend_.metadata.get_partitions(
      table.database, table.name, std::vector<std::vector<std::string>>{*from});
  if (!found) return refused(found.error());
  if (!found->front()) return hive_failure("NoSuchObjectException(message:partition not found)");
  catalog::Partition partition = *found->front();
  partition.values = std::move(*to);
  const auto updated = run_.backend_.metadata.update_partitions(table.database, table.name,
                                                                {{*from, std::move(partition)}});
  if (!updated) return refused(updated.error());
  if (updated->front()) return refused(*updated->front());
  return {};
}

athena::Result<void> CatalogStatement::change_table(const Statement& statement) {
  TICKLAKE_ASSIGN(catalog::Table table, own_table(statement, "UpdateTable"));
  if (!table.storage) return hive_failure("table " + table.name + " has no columns");
  std::vector<catalog::Column>& columns = table.storage->columns;
  switch (statement.kind) {
    case StatementKind::kAddColumns:
      for (catalog::Column& column : columns_of(statement.columns))
        columns.push_back(std::move(column));
      break;
    case StatementKind::kReplaceColumns: columns = columns_of(statement.columns); break;
    case StatementKind::kChangeColumn: {
      const auto found = std::ranges::find_if(columns, [&](const catalog::Column& column) {
        return column.name == statement.column_name;
      });
      if (found == columns.end() || statement.columns.empty()) {
        return hive_failure("Invalid column reference " + statement.column_name);
      }
      *found = columns_of(statement.columns).front();
      break;
    }
    case StatementKind::kSetLocation:
      if (!statement.partitions.empty()) return set_partition_location(statement, table);
      table.storage->location = statement.location;
      break;
    case StatementKind::kSetTableProperties:
      for (const auto& [key, value] : statement.properties)
        table.parameters[key] = value;
      break;
    default:
      return tl::unexpected(AthenaError{
          "NOT_SUPPORTED", std::string(statement.substatement_type()) + " is not run here"});
  }
  const std::string database = table.database;
  return done(run_.backend_.metadata.update_table(database, std::move(table), {}));
}

athena::Result<void> CatalogStatement::set_partition_location(const Statement& statement,
                                                              const catalog::Table& table) {
  auto values = values_of(statement.partitions.front(), table);
  if (!values) return hive_failure("partition spec does not match the partition columns");
  const auto found = run_.backend_.metadata.get_partitions(
      table.database, table.name, std::vector<std::vector<std::string>>{*values});
  if (!found) return refused(found.error());
  if (!found->front()) return hive_failure("NoSuchObjectException(message:partition not found)");
  catalog::Partition partition = *found->front();
  if (!partition.storage) partition.storage = table.storage;
  partition.storage->location = statement.location;
  const auto updated = run_.backend_.metadata.update_partitions(
      table.database, table.name, {{std::move(*values), std::move(partition)}});
  if (!updated) return refused(updated.error());
  if (updated->front()) return refused(*updated->front());
  return {};
}

}  // namespace ticklake::query::executions
