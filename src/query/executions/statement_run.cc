#include "query/executions/statement_run.h"

#include <utility>

#include "lake/object_writer.h"
#include "query/executions/catalog_statement.h"
#include "query/executions/result_text.h"
#include "query/executions/scanned_bytes.h"
#include "query/executions/show_statement.h"
#include "query/sql_token.h"
#include "table/database.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using athena::StatementKind;

constexpr size_t kExecuteDepthMax = 1;

/// "NAME: message" of an error that athena::as_error() made.
AthenaError parsed_error(const std::string& text, bool is_of_user) {
  const size_t colon = text.find(": ");
  const std::string name = text.substr(0, colon);
  const bool is_name = colon != std::string::npos && name.size() > 3 &&
                       name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
  const auto category = is_of_user ? athena::ErrorCategory::kUser : athena::ErrorCategory::kSystem;
  if (!is_name) return {"GENERIC_INTERNAL_ERROR", text, category};
  return {name, text.substr(colon + 2), category};
}

std::vector<std::pair<std::string, uint64_t>> column_bytes(QueryEngine& engine,
                                                           const std::vector<base::Path>& files) {
  std::string list;
  for (const base::Path& path : files)
    list += (list.empty() ? "" : ", ") + table::sql_literal(path.string());
  QueryRequest request;
  request.sql =
      "SELECT lower(split_part(path_in_schema, ', ', 1)), sum(total_compressed_size)::BIGINT FROM "
      "parquet_metadata([" +
      list + "]) GROUP BY 1";
  request.is_own = true;
  std::vector<std::pair<std::string, uint64_t>> sizes;
  auto query = engine.start(std::move(request));
  while (query) {
    const auto block = query->next();
    if (!block || block->rows() == 0) break;
    for (size_t row = 0; row < block->rows(); ++row) {
      sizes.emplace_back(block->cell(row, 0).value_or(""),
                         std::stoull(std::string(block->cell(row, 1).value_or("0"))));
    }
  }
  return sizes;
}

}  // namespace

StatementRun::StatementRun(const Backend& backend, ExecutionStore& store, const Caller& caller,
                           Execution& execution, std::stop_token stop)
    : backend_(backend),
      store_(store),
      rights_(backend.access, caller),
      execution_(execution),
      stop_(std::move(stop)),
      resolver_(backend_, rights_, stop_) {}

athena::Result<void> StatementRun::run() {
  return dispatch(execution_.sql, execution_.parameters, 0);
}

athena::Result<void> StatementRun::dispatch(const std::string& sql,
                                            const std::vector<std::string>& parameters,
                                            size_t depth) {
  athena::Options options;
  options.parameters = parameters;
  TICKLAKE_ASSIGN(const Statement statement, athena::read_statement(sql, options));
  switch (statement.kind) {
    case StatementKind::kPrepare: return prepare(statement);
    case StatementKind::kExecute: return execute(statement, depth);
    case StatementKind::kDeallocate: return deallocate(statement);
    default: break;
  }
  TICKLAKE_TRY(check_parameters(statement, parameters));
  switch (statement.kind) {
    case StatementKind::kSelect:
    case StatementKind::kExplain: return select(sql, statement, parameters);
    case StatementKind::kCreateTableAsSelect: return create_table_as(sql, statement, parameters);
    case StatementKind::kUnload: return unload(sql, statement, parameters);
    case StatementKind::kInsert: return insert(sql, statement, parameters);
    case StatementKind::kShowDatabases:
    case StatementKind::kShowTables:
    case StatementKind::kShowViews:
    case StatementKind::kShowColumns:
    case StatementKind::kShowPartitions:
    case StatementKind::kShowCreateTable:
    case StatementKind::kShowCreateView:
    case StatementKind::kShowTableProperties:
    case StatementKind::kDescribe: return ShowStatement(*this).run(statement);
    default: return CatalogStatement(*this).run(statement);
  }
}

athena::Result<void> StatementRun::check_parameters(
    const Statement& statement, const std::vector<std::string>& parameters) const {
  if (statement.parameters == parameters.size()) return {};
  return tl::unexpected(AthenaError{"INVALID_PARAMETER_USAGE",
                                    "Incorrect number of parameters: expected " +
                                        std::to_string(statement.parameters) + " but found " +
                                        std::to_string(parameters.size())});
}

std::string StatementRun::database_of(const athena::TableName& name) const {
  if (!name.database.empty()) return name.database;
  // awswrangler sends it as its DDL would quote it.
  std::string database = to_lower(execution_.database);
  std::erase(database, '`');
  return database.empty() ? "default" : database;
}

AthenaError StatementRun::failure(const base::Error& error) const {
  AthenaError failed = failure_as_told(error);
  // DuckDB names files of this machine; the caller knows them as objects.
  for (const lake::Bucket& bucket : backend_.buckets.buckets()) {
    const std::string folder = bucket.folder.string();
    for (size_t at = failed.message.find(folder); !folder.empty() && at != std::string::npos;
         at = failed.message.find(folder, at)) {
      failed.message.replace(at, folder.size(), "s3://" + bucket.name);
    }
  }
  return failed;
}

AthenaError StatementRun::failure_as_told(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kTimeout:
      return {"EXCEEDED_TIME_LIMIT", "Query exceeded maximum time limit of 30.00m"};
    case base::ErrorCode::kInterrupted: return {"USER_CANCELED", "Query was cancelled"};
    case base::ErrorCode::kNoSpace:
      return {"EXCEEDED_LOCAL_MEMORY_LIMIT", base::to_line(error), athena::ErrorCategory::kSystem};
    case base::ErrorCode::kPermission:
      if (!error.what.starts_with("PERMISSION_DENIED")) {
        return {"PERMISSION_DENIED", base::to_line(error)};
      }
      break;
    case base::ErrorCode::kInvalidArgument: break;
    default:
      return {"GENERIC_INTERNAL_ERROR", base::to_line(error), athena::ErrorCategory::kSystem};
  }
  return parsed_error(error.cause.empty() ? error.what : base::to_line(error), true);
}

athena::Result<S3Location> StatementRun::output(std::string_view suffix) const {
  auto folder = S3Location::parse(execution_.output_location);
  if (!folder) {
    return tl::unexpected(AthenaError{"INVALID_OUTPUT_LOCATION",
                                      "no output location: " + execution_.output_location});
  }
  folder->key.append(execution_.id).append(suffix);
  return *folder;
}

athena::Result<void> StatementRun::put_text(const S3Location& object, std::string_view text) {
  auto put = backend_.buckets.put_text(object.bucket, object.key, text);
  if (put) return {};
  return tl::unexpected(failure(std::move(put).error().within(object.text())));
}

athena::Result<QueryRequest> StatementRun::request_of(const std::string& sql,
                                                      const Statement& statement,
                                                      const std::vector<std::string>& parameters) {
  const base::MonotonicTime begin = backend_.clock.monotonic_now();
  TICKLAKE_ASSIGN(TableResolver::Resolved resolved,
                  resolver_.resolve(statement.tables, database_of({})));
  sources_ = std::move(resolved.sources);
  live_ = std::move(resolved.live);
  execution_.statistics.planning_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(backend_.clock.monotonic_now() - begin)
          .count();
  QueryRequest request;
  request.sql = sql;
  request.rows_max = UINT64_MAX;
  request.time_max = kStatementTimeMax;
  request.stop = stop_;
  request.dialect = Dialect::kAthena;
  request.parameters = parameters;
  request.relations = std::move(resolved.relations);
  request.wants_plan = !sources_.empty() || !live_.empty();
  return request;
}

void StatementRun::count_bytes(const std::string& plan) {
  for (const catalog::Table& table : live_) {
    // The rows were answered already: a table that is gone by now only goes uncounted.
    auto source = resolver_.source_of_live(table);
    if (source && !source->files.empty()) sources_.push_back(std::move(*source));
  }
  if (sources_.empty()) return;
  execution_.statistics.scanned_bytes =
      scanned_bytes(plan, sources_, [this](const std::vector<base::Path>& files) {
        return column_bytes(backend_.engine, files);
      });
}

athena::Result<void> StatementRun::select(const std::string& sql, const Statement& statement,
                                          const std::vector<std::string>& parameters) {
  const bool as_lines = statement.kind == StatementKind::kExplain;
  TICKLAKE_ASSIGN(const S3Location file, output(as_lines ? ".txt" : ".csv"));
  execution_.output_file = file.text();
  TICKLAKE_TRY(rights_.check_object("PutObject", file));
  TICKLAKE_ASSIGN(QueryRequest request, request_of(sql, statement, parameters));
  std::string plan;
  {
    // Its session is given back before another one is asked for.
    auto query = backend_.engine.start(std::move(request));
    if (!query) return tl::unexpected(failure(query.error()));
    describe(*query, as_lines);
    TICKLAKE_TRY(write_rows(*query, file, as_lines));
    plan = query->plan();
  }
  count_bytes(plan);
  return {};
}

void StatementRun::describe(const RunningQuery& query, bool as_lines) {
  execution_.has_header = !as_lines;
  if (as_lines) {
    execution_.columns = {result_column("Query Plan", "varchar")};
  } else {
    for (const Column& column : query.columns())
      execution_.columns.push_back(result_column(column.name, column.type));
  }
}

athena::Result<void> StatementRun::write_rows(RunningQuery& query, const S3Location& file,
                                              bool as_lines) {
  auto writer = backend_.buckets.write(file.bucket);
  if (!writer) return tl::unexpected(failure(std::move(writer).error().within(file.text())));
  std::string text;
  if (!as_lines) append_result_header(query.columns(), text);
  uint64_t rows = 0;
  while (true) {
    auto block = query.next();
    if (!block) return tl::unexpected(failure(block.error()));
    for (size_t row = 0; as_lines && row < block->rows(); ++row)
      text.append(block->cell(row, block->columns() - 1).value_or("")).append("\n");
    if (!as_lines) append_result_rows(*block, text);
    const auto written = (*writer)->append(base::as_bytes(text));
    if (!written) return tl::unexpected(failure(written.error()));
    text.clear();
    if (block->rows() == 0) break;
    rows += block->rows();
  }
  execution_.result_rows = rows;
  lake::ObjectMetadata metadata{.content_type = as_lines ? "text/plain" : "text/csv"};
  auto put = backend_.buckets.put(file.bucket, file.key, std::move(*writer), std::move(metadata));
  if (!put) return tl::unexpected(failure(std::move(put).error().within(file.text())));
  return put_text({file.bucket, file.key + ".metadata"}, "");
}

athena::Result<void> StatementRun::write_lines(const std::vector<std::string>& names,
                                               const std::vector<std::string>& lines) {
  TICKLAKE_ASSIGN(const S3Location file, output(".txt"));
  execution_.output_file = file.text();
  for (const std::string& name : names)
    execution_.columns.push_back({name, "string", 0, 0});
  TICKLAKE_TRY(rights_.check_object("PutObject", file));
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  TICKLAKE_TRY(put_text(file, text));
  return put_text({file.bucket, file.key + ".metadata"}, "");
}

athena::Result<void> StatementRun::prepare(const Statement& statement) {
  PreparedStatement prepared{.name = statement.prepared_name,
                             .work_group = execution_.work_group,
                             .sql = statement.query_text,
                             .modified = backend_.clock.wall_now()};
  if (const auto put = store_.put(prepared); !put) return tl::unexpected(failure(put.error()));
  return write_lines({}, {});
}

athena::Result<void> StatementRun::execute(const Statement& statement, size_t depth) {
  auto prepared = store_.find_prepared(execution_.work_group, statement.prepared_name);
  if (!prepared) return tl::unexpected(failure(prepared.error()));
  if (!*prepared || depth >= kExecuteDepthMax) {
    return tl::unexpected(
        AthenaError{"NOT_FOUND", "Prepared statement not found: " + statement.prepared_name});
  }
  std::vector<std::string> values = statement.execute_values;
  if (values.empty()) values = execution_.parameters;
  return dispatch((*prepared)->sql, values, depth + 1);
}

athena::Result<void> StatementRun::deallocate(const Statement& statement) {
  const auto removed = store_.remove_prepared(execution_.work_group, statement.prepared_name);
  if (!removed) return tl::unexpected(failure(removed.error()));
  if (!*removed) {
    return tl::unexpected(
        AthenaError{"NOT_FOUND", "Prepared statement not found: " + statement.prepared_name});
  }
  return write_lines({}, {});
}

}  // namespace ticklake::query::executions
