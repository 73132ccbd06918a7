// StartQueryExecution, GetQueryExecution, BatchGetQueryExecution, GetQueryResults,
// GetQueryRuntimeStatistics, ListQueryExecutions, StopQueryExecution.
//
// GetQueryExecution waits some 100 ms for the end of a query when it is asked for the first time.
// Not here: results reused by age (asked for, it is not done), encryption, managed results.
#include <algorithm>

#include "aws_api/athena/service.h"
#include "catalog/model_json.h"
#include "query/athena/relations.h"

namespace ticklake::aws_api::athena {
namespace {

namespace executions = query::executions;
using executions::Execution;
using nlohmann::json;

constexpr const char* kEngine = "Athena engine version 3";
constexpr size_t kIdMax = 128;
constexpr size_t kBatchMax = 50;
constexpr size_t kRowsMax = 1000;

/// Of Athena's error catalog, as far as that says more than the category.
int error_type(const query::athena::AthenaError& error) {
  if (error.name == "PERMISSION_DENIED") return 1006;
  if (error.name == "EXCEEDED_LOCAL_MEMORY_LIMIT") return 1;
  if (error.category == query::athena::ErrorCategory::kSystem) return 233;
  if (error.name == "TABLE_NOT_FOUND" || error.name == "SCHEMA_NOT_FOUND") return 1200;
  return 1100;
}

json status_of(const Execution& execution) {
  json status{{"State", executions::name_of(execution.state)},
              {"SubmissionDateTime", catalog::to_json(execution.submitted)}};
  if (execution.completed) status["CompletionDateTime"] = catalog::to_json(*execution.completed);
  if (!execution.reason.empty()) status["StateChangeReason"] = execution.reason;
  if (execution.error) {
    status["AthenaError"] = {{"ErrorCategory", static_cast<int>(execution.error->category)},
                             {"ErrorType", error_type(*execution.error)},
                             {"Retryable", false},
                             {"ErrorMessage", execution.reason}};
  }
  return status;
}

json statistics_of(const Execution& execution) {
  const executions::ExecutionStatistics& numbers = execution.statistics;
  json statistics{{"DataScannedInBytes", numbers.scanned_bytes},
                  {"EngineExecutionTimeInMillis", numbers.engine_ms},
                  {"QueryQueueTimeInMillis", numbers.queued_ms},
                  {"QueryPlanningTimeInMillis", numbers.planning_ms},
                  {"ServicePreProcessingTimeInMillis", 0},
                  {"ServiceProcessingTimeInMillis", 0},
                  {"TotalExecutionTimeInMillis", numbers.total_ms},
                  {"ResultReuseInformation", {{"ReusedPreviousResult", false}}}};
  if (!execution.manifest.empty()) statistics["DataManifestLocation"] = execution.manifest;
  return statistics;
}

json to_json(const Execution& execution) {
  json context = json::object();
  if (!execution.database.empty()) context["Database"] = execution.database;
  if (!execution.catalog.empty()) context["Catalog"] = execution.catalog;
  json out{
      {"QueryExecutionId", execution.id},
      {"Query", execution.sql},
      {"ResultConfiguration", {{"OutputLocation", execution.output_file}}},
      {"ResultReuseConfiguration", {{"ResultReuseByAgeConfiguration", {{"Enabled", false}}}}},
      {"QueryExecutionContext", std::move(context)},
      {"Status", status_of(execution)},
      {"Statistics", statistics_of(execution)},
      {"WorkGroup", execution.work_group},
      {"EngineVersion", {{"SelectedEngineVersion", "AUTO"}, {"EffectiveEngineVersion", kEngine}}}};
  if (!execution.statement_type.empty()) out["StatementType"] = execution.statement_type;
  if (!execution.substatement_type.empty()) out["SubstatementType"] = execution.substatement_type;
  if (!execution.parameters.empty()) out["ExecutionParameters"] = execution.parameters;
  return out;
}

json column_info(const std::vector<executions::ResultColumn>& columns) {
  json list = json::array();
  for (const executions::ResultColumn& column : columns) {
    list.push_back(json{{"CatalogName", "hive"},
                        {"SchemaName", ""},
                        {"TableName", ""},
                        {"Name", column.name},
                        {"Label", column.name},
                        {"Type", column.type},
                        {"Precision", column.precision},
                        {"Scale", column.scale},
                        {"Nullable", "UNKNOWN"},
                        {"CaseSensitive", column.type == "varchar" || column.type == "char"}});
  }
  return list;
}

json rows_json(const std::vector<executions::ResultRow>& rows) {
  json list = json::array();
  for (const executions::ResultRow& row : rows) {
    json data = json::array();
    for (const std::optional<std::string>& cell : row) {
      data.push_back(cell ? json{{"VarCharValue", *cell}} : json::object());
    }
    list.push_back(json{{"Data", std::move(data)}});
  }
  return list;
}

}  // namespace

aws::Answer<nlohmann::json> Service::start_query_execution(const Call& call, Input& input) {
  executions::StartRequest request;
  catalog::JsonReader& reader = input.reader();
  request.sql = input.text("QueryString", 262'144);
  if (reader.has("ClientRequestToken")) {
    request.token = reader.text("ClientRequestToken", {32, 128});
  }
  request.work_group = input.work_group_or_primary();
  request.parameters = reader.texts("ExecutionParameters", {1, 1024});
  if (const json* context = reader.object("QueryExecutionContext")) {
    catalog::JsonReader inner = reader.child(*context, "QueryExecutionContext");
    request.database = inner.text_or_empty("Database", {1, 255});
    request.catalog = inner.text_or_empty("Catalog", {1, 256});
  }
  if (const json* configuration = reader.object("ResultConfiguration")) {
    catalog::JsonReader inner = reader.child(*configuration, "ResultConfiguration");
    request.output_location = inner.text_or_empty("OutputLocation", {0, 2048});
  }
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, request.work_group));
  if (!request.catalog.empty() && !query::athena::is_catalog_name(request.catalog)) {
    return executions::invalid_request("Catalog " + request.catalog + " is not found.");
  }
  request.caller = caller_of(call);
  TICKLAKE_ASSIGN(const std::string id, executions_.start(std::move(request)));
  return json{{"QueryExecutionId", id}};
}

aws::Answer<nlohmann::json> Service::get_query_execution(const Call& call, Input& input) {
  const std::string id = input.text("QueryExecutionId", kIdMax);
  TICKLAKE_TRY(input.check());
  TICKLAKE_ASSIGN(const Execution execution, execution_of(call, id, true));
  return json{{"QueryExecution", to_json(execution)}};
}

aws::Answer<nlohmann::json> Service::batch_get_query_execution(const Call& call, Input& input) {
  input.reader().require("QueryExecutionIds");
  const auto ids = input.reader().texts("QueryExecutionIds", {1, kIdMax}, kBatchMax);
  TICKLAKE_TRY(input.check());
  json found = json::array();
  json missing = json::array();
  for (const std::string& id : ids) {
    TICKLAKE_ASSIGN(const auto execution, executions_.find(id));
    TICKLAKE_TRY(authorize_group(
        call, execution ? execution->work_group : std::string(executions::kPrimaryWorkGroup)));
    if (execution) {
      found.push_back(to_json(*execution));
    } else {
      missing.push_back(json{{"QueryExecutionId", id},
                             {"ErrorCode", "QUERY_NOT_FOUND"},
                             {"ErrorMessage", "QueryExecution " + id + " was not found"}});
    }
  }
  return json{{"QueryExecutions", std::move(found)},
              {"UnprocessedQueryExecutionIds", std::move(missing)}};
}

aws::Answer<nlohmann::json> Service::get_query_results(const Call& call, Input& input) {
  const std::string id = input.text("QueryExecutionId", kIdMax);
  const size_t rows_max = input.page_size(kRowsMax, kRowsMax);
  const std::string token = input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_ASSIGN(const Execution execution, execution_of(call, id, false));
  const executions::Caller caller = caller_of(call);
  const executions::CallerRights rights(access(), caller);
  TICKLAKE_ASSIGN(const executions::ResultPage page,
                  executions_.results(execution, rights, rows_max, token));
  json out{{"ResultSet",
            {{"Rows", rows_json(page.rows)},
             {"ResultSetMetadata", {{"ColumnInfo", column_info(execution.columns)}}}}},
           {"UpdateCount", execution.update_count.value_or(0)}};
  if (!page.next.empty()) out["NextToken"] = page.next;
  return out;
}

aws::Answer<nlohmann::json> Service::get_query_runtime_statistics(const Call& call, Input& input) {
  const std::string id = input.text("QueryExecutionId", kIdMax);
  TICKLAKE_TRY(input.check());
  TICKLAKE_ASSIGN(const Execution execution, execution_of(call, id, false));
  const executions::ExecutionStatistics& numbers = execution.statistics;
  return json{{"QueryRuntimeStatistics",
               {{"Timeline",
                 {{"QueryQueueTimeInMillis", numbers.queued_ms},
                  {"QueryPlanningTimeInMillis", numbers.planning_ms},
                  {"EngineExecutionTimeInMillis", numbers.engine_ms},
                  {"ServiceProcessingTimeInMillis", 0},
                  {"TotalExecutionTimeInMillis", numbers.total_ms}}},
                {"Rows", {{"InputBytes", numbers.scanned_bytes}}}}}};
}

aws::Answer<nlohmann::json> Service::list_query_executions(const Call& call, Input& input) {
  const std::string group = input.work_group_or_primary();
  const size_t max = input.page_size();
  const std::string token = input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, group));
  auto listed = store().list(group, max, token);
  if (!listed && listed.error().code == base::ErrorCode::kInvalidArgument) {
    return executions::invalid_request("NextToken is none of this listing's");
  }
  if (!listed) return tl::unexpected(store_failure(listed.error()));
  json out = json::object();
  if (!listed->items.empty()) out["QueryExecutionIds"] = listed->items;
  if (!listed->next.empty()) out["NextToken"] = listed->next;
  return out;
}

aws::Answer<nlohmann::json> Service::stop_query_execution(const Call& call, Input& input) {
  const std::string id = input.text("QueryExecutionId", kIdMax);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(execution_of(call, id, false));
  TICKLAKE_TRY(executions_.stop(id));
  return json::object();
}

}  // namespace ticklake::aws_api::athena
