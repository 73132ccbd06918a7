// What statements write: CTAS, UNLOAD, INSERT, and the manifest of their files.
#include <algorithm>
#include <filesystem>

#include "aws/percent_encoding.h"
#include "query/executions/statement_run.h"
#include "query/executions/table_format.h"
#include "query/executions/write_plan.h"
#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;

std::string option_of(const athena::Statement& statement, std::string_view name) {
  for (const athena::WithOption& option : statement.with) {
    if (option.name == name) return option.value;
  }
  return {};
}

/// Files of COPY, in whatever folders they are below `root`.
std::vector<base::Path> files_below(const base::Path& root) {
  std::error_code error;
  std::vector<base::Path> files;
  if (std::filesystem::is_regular_file(root, error)) return {root};
  for (auto entry = std::filesystem::recursive_directory_iterator(root, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_regular_file(error)) files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

/// The partitions that the folders of files are: `a=1/b=x/` as values.
std::vector<std::string> values_of(const std::string& folders) {
  std::vector<std::string> values;
  for (size_t begin = 0; begin < folders.size();) {
    const size_t end = std::min(folders.find('/', begin), folders.size());
    const std::string part = folders.substr(begin, end - begin);
    const size_t equals = part.find('=');
    const std::string value = equals == std::string::npos ? part : part.substr(equals + 1);
    values.push_back(aws::percent_decoded(value).value_or(value));
    begin = end + 1;
  }
  return values;
}

std::string type_list(const std::vector<WrittenColumn>& columns) {
  std::string list;
  for (const WrittenColumn& column : columns)
    list += (list.empty() ? "" : ", ") + to_trino(column.type);
  return "[" + list + "]";
}

}  // namespace

/// Where and how rows are written; then what was.
struct StatementRun::Written {
  S3Location folder;
  WritePlan plan;
  /// Of the table that they go to; empty: as the query has them.
  std::vector<WrittenColumn> columns = {};
  std::vector<std::string> insert_columns = {};
  bool has_no_rows = false;                               ///< WITH NO DATA
  std::vector<std::string> files = {};                    ///< s3://…
  std::vector<std::vector<std::string>> partitions = {};  ///< values, each once
  uint64_t rows = 0;
};

namespace {

/// The columns in the order of the query's, of a table's columns.
athena::Result<std::vector<WrittenColumn>> targets(const std::vector<WrittenColumn>& columns,
                                                   const std::vector<std::string>& named) {
  if (named.empty()) return columns;
  std::vector<WrittenColumn> out;
  for (const std::string& name : named) {
    const auto found = std::ranges::find_if(
        columns, [&](const WrittenColumn& column) { return column.name == name; });
    if (found == columns.end()) {
      return tl::unexpected(AthenaError{
          "COLUMN_NOT_FOUND", "Insert column name does not exist in target table: " + name});
    }
    out.push_back(*found);
  }
  return out;
}

/// The query with the columns of the table in its order; what is not inserted is NULL.
std::string in_table_order(const std::string& query, const std::vector<WrittenColumn>& table,
                           const std::vector<WrittenColumn>& given) {
  std::string names;
  std::string items;
  for (size_t i = 0; i < given.size(); ++i)
    names += (i > 0 ? ", g" : "g") + std::to_string(i);
  for (const WrittenColumn& column : table) {
    const auto found = std::ranges::find_if(
        given, [&](const WrittenColumn& other) { return other.name == column.name; });
    items += items.empty() ? "" : ", ";
    items += found == given.end() ? "NULL" : "g" + std::to_string(found - given.begin());
  }
  return "SELECT " + items + " FROM (" + query + "\n) AS given(" + names + ")";
}

base::Error as_base_error(const AthenaError& error) {
  return {base::ErrorCode::kInvalidArgument, error.reason(), {}, {}, false};
}

}  // namespace

athena::Result<StatementRun::Written> StatementRun::write_data(QueryRequest request,
                                                               const Written& plan) {
  Written written = plan;
  auto staged = backend_.buckets.stage(written.folder.bucket);
  if (!staged) return tl::unexpected(failure(staged.error()));
  request.write = [&](const std::vector<Column>& columns,
                      const std::string& query) -> base::Result<std::string> {
    auto own = written_columns(columns);
    std::string source = "SELECT * FROM (" + query + "\n)";
    if (written.columns.empty()) {
      if (!own) return tl::unexpected(as_base_error(own.error()));
      written.columns = std::move(*own);
    } else {
      auto given = targets(written.columns, written.insert_columns);
      if (!given) return tl::unexpected(as_base_error(given.error()));
      if (given->size() != columns.size()) {
        return tl::unexpected(
            as_base_error({"TYPE_MISMATCH",
                           "Insert query has mismatched column types: Table: " + type_list(*given) +
                               ", Query: " + std::to_string(columns.size()) + " columns"}));
      }
      source = in_table_order(query, written.columns, *given);
    }
    const std::vector<std::string>& keys = written.plan.partitioned_by;
    const size_t plain = written.columns.size() - std::min(keys.size(), written.columns.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (plain > 0 && written.columns[plain + i].name == keys[i]) continue;
      return tl::unexpected(as_base_error(
          {"HIVE_COLUMN_ORDER_MISMATCH",
           "Partition keys must be the last columns in the table and in the same order as the "
           "table properties: [" +
               keys[i] + "]"}));
    }
    if (written.has_no_rows) source += "\nLIMIT 0";
    return copy_sql(source, written.columns, written.plan, staged->string(), execution_.id);
  };
  std::string rows_plan;
  {
    // Its session is given back before another one is asked for.
    auto query = backend_.engine.start(std::move(request));
    if (!query) return tl::unexpected(failure(query.error()));
    rows_plan = query->plan();
    auto block = query->next();
    if (!block) return tl::unexpected(failure(block.error()));
    if (block->rows() > 0) {
      written.rows = std::stoull(std::string(block->cell(0, 0).value_or("0")));
    }
  }
  count_bytes(rows_plan);
  const auto stored = store_files(*staged, written);
  if (const auto removed = backend_.files.remove_all(*staged); !removed) {
    backend_.logger.warn("{}", base::to_line(removed.error()));
  }
  if (!stored) return tl::unexpected(stored.error());
  return written;
}

athena::Result<void> StatementRun::store_files(const base::Path& staged, Written& written) {
  size_t number = 0;
  if (written.has_no_rows) return {};
  for (const base::Path& file : files_below(staged)) {
    std::string folders = file.parent_path().lexically_relative(staged).generic_string();
    folders = written.plan.partitioned_by.empty() || folders == "." ? "" : folders + "/";
    S3Location object = written.folder;
    object.key += folders + execution_.id + "_" + std::to_string(number++);
    if (written.plan.format != WritePlan::Format::kParquet) {
      if (written.plan.compression == "gzip") object.key += ".gz";
      if (written.plan.compression == "zstd") object.key += ".zst";
    }
    TICKLAKE_TRY(rights_.check_object("PutObject", object));
    auto put = backend_.buckets.put_file(object.bucket, object.key, file);
    if (!put) return tl::unexpected(failure(std::move(put).error().within(object.text())));
    written.files.push_back(object.text());
    if (folders.empty()) continue;
    auto values = values_of(folders.substr(0, folders.size() - 1));
    if (std::ranges::find(written.partitions, values) == written.partitions.end()) {
      written.partitions.push_back(std::move(values));
    }
  }
  return {};
}

athena::Result<void> StatementRun::write_manifest(const Written& written) {
  TICKLAKE_ASSIGN(const S3Location manifest, output("-manifest.csv"));
  TICKLAKE_ASSIGN(const S3Location metadata, output(".metadata"));
  TICKLAKE_TRY(rights_.check_object("PutObject", manifest));
  std::string text;
  for (const std::string& file : written.files)
    text += file + "\n";
  TICKLAKE_TRY(put_text(manifest, text));
  TICKLAKE_TRY(put_text(metadata, ""));
  execution_.manifest = manifest.text();
  execution_.update_count = written.rows;
  TICKLAKE_ASSIGN(const S3Location file, output(""));
  execution_.output_file = file.text();
  return {};
}

athena::Result<S3Location> StatementRun::empty_folder(const std::string& location,
                                                      const std::string& of_what) {
  const auto parsed = S3Location::parse(location);
  if (!parsed) {
    return tl::unexpected(
        AthenaError{"INVALID_TABLE_PROPERTY", "'" + location + "' is no location in S3"});
  }
  S3Location folder = parsed->as_folder();
  TICKLAKE_TRY(rights_.check_object("PutObject", {folder.bucket, folder.key + "*"}));
  auto listed = backend_.buckets.list(folder.bucket, {.prefix = folder.key, .entries_max = 1});
  if (!listed) return tl::unexpected(failure(std::move(listed).error().within(folder.text())));
  if (!listed->objects.empty()) {
    return tl::unexpected(
        AthenaError{"HIVE_PATH_ALREADY_EXISTS",
                    "Target directory for " + of_what + " already exists: " + folder.text()});
  }
  return folder;
}

athena::Result<void> StatementRun::create_table_as(const std::string& sql,
                                                   const Statement& statement,
                                                   const std::vector<std::string>& parameters) {
  const std::string database = database_of(statement.name);
  const std::string& name = statement.name.table;
  TICKLAKE_TRY(rights_.check_table("CreateTable", database, name));
  TICKLAKE_ASSIGN(const auto existing, resolver_.find(database, name));
  if (existing && statement.if_not_exists) return write_manifest({});
  if (existing) {
    return tl::unexpected(AthenaError{
        "TABLE_ALREADY_EXISTS",
        "Destination table 'awsdatacatalog." + database + "." + name + "' already exists"});
  }
  if (auto found = backend_.metadata.get_database(database); !found) {
    return tl::unexpected(AthenaError{"SCHEMA_NOT_FOUND", "Schema " + database + " not found"});
  }
  Written plan;
  plan.has_no_rows = statement.with_no_data;
  TICKLAKE_ASSIGN(plan.plan, write_plan(statement.with));
  std::string location = option_of(statement, "external_location");
  if (location.empty()) location = execution_.output_location + "tables/" + execution_.id + "/";
  TICKLAKE_ASSIGN(plan.folder, empty_folder(location, "table '" + database + "." + name + "'"));
  TICKLAKE_ASSIGN(QueryRequest request, request_of(sql, statement, parameters));
  TICKLAKE_ASSIGN(const Written written, write_data(std::move(request), plan));
  TICKLAKE_TRY(register_table(database, name, written));
  return write_manifest(written);
}

athena::Result<void> StatementRun::register_table(const std::string& database,
                                                  const std::string& name, const Written& written) {
  catalog::Table table{.name = name, .type = "EXTERNAL_TABLE"};
  table.storage = storage_of(written.plan, written.folder.text());
  table.parameters = {{"EXTERNAL", "TRUE"}, {"has_encrypted_data", "false"}};
  const size_t keys = written.plan.partitioned_by.size();
  for (size_t i = 0; i < written.columns.size(); ++i) {
    const WrittenColumn& column = written.columns[i];
    const bool is_key = i + keys >= written.columns.size();
    (is_key ? table.partition_keys : table.storage->columns)
        .push_back({column.name, to_hive(column.type)});
  }
  const auto made = backend_.metadata.create_table(database, table, execution_.caller);
  if (!made) return tl::unexpected(as_athena_error(made.error()));
  return add_partitions(database, table, written);
}

athena::Result<void> StatementRun::add_partitions(const std::string& database,
                                                  const catalog::Table& table,
                                                  const Written& written) {
  if (written.partitions.empty()) return {};
  std::vector<catalog::Partition> partitions;
  for (const std::vector<std::string>& values : written.partitions) {
    catalog::Partition partition{.values = values};
    partition.storage = table.storage;
    std::string below;
    for (size_t i = 0; i < values.size() && i < table.partition_keys.size(); ++i) {
      below += table.partition_keys[i].name + "=" + aws::percent_encoded(values[i]) + "/";
    }
    partition.storage->location = written.folder.as_folder().text() + below;
    partitions.push_back(std::move(partition));
  }
  // One that is there already stays as it is.
  const auto made = backend_.metadata.create_partitions(database, table.name, partitions);
  if (!made) return tl::unexpected(as_athena_error(made.error()));
  return {};
}

athena::Result<void> StatementRun::unload(const std::string& sql, const Statement& statement,
                                          const std::vector<std::string>& parameters) {
  Written plan;
  TICKLAKE_ASSIGN(plan.plan, write_plan(statement.with));
  TICKLAKE_ASSIGN(plan.folder, empty_folder(statement.location, "UNLOAD"));
  TICKLAKE_ASSIGN(QueryRequest request, request_of(sql, statement, parameters));
  TICKLAKE_ASSIGN(const Written written, write_data(std::move(request), plan));
  return write_manifest(written);
}

athena::Result<void> StatementRun::insert(const std::string& sql, const Statement& statement,
                                          const std::vector<std::string>& parameters) {
  const std::string database = database_of(statement.name);
  const std::string& name = statement.name.table;
  TICKLAKE_TRY(rights_.check_table("GetTable", database, name));
  TICKLAKE_ASSIGN(const auto table, resolver_.find(database, name));
  if (!table) {
    return tl::unexpected(AthenaError{
        "TABLE_NOT_FOUND", "Table 'awsdatacatalog." + database + "." + name + "' does not exist"});
  }
  TICKLAKE_ASSIGN(const bool is_live, resolver_.is_live(database, name));
  const auto folder = S3Location::parse(table->storage ? table->storage->location : "");
  if (is_live || !folder || parse_view(*table)) {
    return tl::unexpected(AthenaError{"NOT_SUPPORTED", "Cannot insert into '" + database + "." +
                                                           name + "': a sink's table or a view"});
  }
  Written plan;
  plan.folder = folder->as_folder();
  plan.insert_columns = statement.insert_columns;
  TICKLAKE_ASSIGN(const TableFormat format, table_format(*table, *table->storage));
  plan.plan.format = static_cast<WritePlan::Format>(format.kind);
  plan.plan.compression = format.kind == TableFormat::Kind::kParquet ? "snappy" : "gzip";
  plan.plan.delimiter = format.delimiter;
  plan.plan.is_quoted = format.is_quoted;
  for (const auto* columns : {&table->storage->columns, &table->partition_keys}) {
    for (const catalog::Column& column : *columns) {
      const auto type = parse_hive_type(column.type);
      if (!type) {
        return tl::unexpected(
            AthenaError{"NOT_SUPPORTED", "Unsupported Hive type: " + column.type});
      }
      plan.columns.push_back({to_lower(column.name), *type});
    }
  }
  for (const catalog::Column& key : table->partition_keys)
    plan.plan.partitioned_by.push_back(to_lower(key.name));
  TICKLAKE_TRY(rights_.check_object("PutObject", {plan.folder.bucket, plan.folder.key + "*"}));
  if (!table->partition_keys.empty()) {
    TICKLAKE_TRY(rights_.check_table("BatchCreatePartition", database, name));
  }
  TICKLAKE_ASSIGN(QueryRequest request, request_of(sql, statement, parameters));
  TICKLAKE_ASSIGN(const Written written, write_data(std::move(request), plan));
  TICKLAKE_TRY(add_partitions(database, *table, written));
  return write_manifest(written);
}

}  // namespace ticklake::query::executions
