// StartQueryExecution, GetQueryExecution, BatchGetQueryExecution, GetQueryResults,
// GetQueryRuntimeStatistics, ListQueryExecutions, StopQueryExecution.
//
// GetQueryExecution waits some 100 ms for the end of a query when it is asked for the first time.
// Not here: results reused by age (asked for, it is not done), encryption, managed results.
#include "aws/athena_messages.h"
#include "aws_api/athena/service.h"
#include "query/athena/relations.h"

namespace ticklake::aws_api::athena {
namespace {

namespace executions = query::executions;
namespace messages = aws::athena;
using executions::Execution;
using nlohmann::json;

constexpr const char* kEngine = "Athena engine version 3";
constexpr size_t kBatchMax = 50;

/// Of Athena's error catalog, as far as that says more than the category.
int error_type(const query::athena::AthenaError& error) {
  if (error.name == "PERMISSION_DENIED") return 1006;
  if (error.name == "EXCEEDED_LOCAL_MEMORY_LIMIT") return 1;
  if (error.category == query::athena::ErrorCategory::kSystem) return 233;
  if (error.name == "TABLE_NOT_FOUND" || error.name == "SCHEMA_NOT_FOUND") return 1200;
  return 1100;
}

messages::QueryStatus status_of(const Execution& execution) {
  messages::QueryStatus status{.state = std::string(executions::name_of(execution.state)),
                               .reason = execution.reason,
                               .submitted = execution.submitted,
                               .completed = execution.completed};
  if (execution.error) {
    status.failure = {.category = static_cast<int>(execution.error->category),
                      .type = error_type(*execution.error),
                      .message = execution.reason};
  }
  return status;
}

messages::QueryStatistics statistics_of(const Execution& execution) {
  const executions::ExecutionStatistics& numbers = execution.statistics;
  return {.scanned_bytes = static_cast<int64_t>(numbers.scanned_bytes),
          .engine_ms = numbers.engine_ms,
          .queued_ms = numbers.queued_ms,
          .planning_ms = numbers.planning_ms,
          .total_ms = numbers.total_ms,
          .manifest = execution.manifest};
}

messages::QueryExecution to_message(const Execution& execution) {
  return {.id = execution.id,
          .sql = execution.sql,
          .statement_type = execution.statement_type,
          .substatement_type = execution.substatement_type,
          .parameters = execution.parameters,
          .result = {execution.output_file},
          .context = {execution.database, execution.catalog},
          .status = status_of(execution),
          .statistics = statistics_of(execution),
          .work_group = execution.work_group,
          .engine = {.effective = kEngine}};
}

messages::ResultSet to_message(const std::vector<executions::ResultColumn>& columns,
                               std::vector<executions::ResultRow> rows) {
  messages::ResultSet result;
  for (const executions::ResultColumn& column : columns) {
    result.metadata.columns.push_back(
        {.name = column.name,
         .label = column.name,
         .type = column.type,
         .precision = column.precision,
         .scale = column.scale,
         .is_case_sensitive = column.type == "varchar" || column.type == "char"});
  }
  for (executions::ResultRow& row : rows) {
    messages::ResultRow& made = result.rows.emplace_back();
    for (std::optional<std::string>& cell : row)
      made.data.push_back({std::move(cell)});
  }
  return result;
}

}  // namespace

aws::Answer<nlohmann::json> Service::start_query_execution(const Call& call, Input& input) {
  messages::StartQuery given;
  input.read(given);
  executions::StartRequest request{.sql = std::move(given.sql), .token = std::move(given.token)};
  request.work_group = input.work_group_or_primary();
  request.parameters = std::move(given.parameters);
  if (given.context) {
    request.database = std::move(given.context->database);
    request.catalog = std::move(given.context->catalog);
  }
  if (given.result) request.output_location = std::move(given.result->output_location);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, request.work_group));
  if (!request.catalog.empty() && !query::athena::is_catalog_name(request.catalog)) {
    return executions::invalid_request("Catalog " + request.catalog + " is not found.");
  }
  request.caller = caller_of(call);
  TICKLAKE_ASSIGN(std::string id, executions_.start(std::move(request)));
  return aws::MessageWriter::write(messages::ExecutionId{std::move(id)});
}

aws::Answer<nlohmann::json> Service::get_query_execution(const Call& call, Input& input) {
  messages::ExecutionId given;
  input.read(given);
  TICKLAKE_TRY(input.check());
  TICKLAKE_ASSIGN(const Execution execution, execution_of(call, given.id, true));
  return aws::MessageWriter::write(messages::QueryExecutionAnswer{to_message(execution)});
}

aws::Answer<nlohmann::json> Service::batch_get_query_execution(const Call& call, Input& input) {
  input.reader().require("QueryExecutionIds");
  const auto ids =
      input.reader().texts("QueryExecutionIds", {1, messages::kExecutionIdMax}, kBatchMax);
  TICKLAKE_TRY(input.check());
  json found = json::array();
  json missing = json::array();
  for (const std::string& id : ids) {
    TICKLAKE_ASSIGN(const auto execution, executions_.find(id));
    TICKLAKE_TRY(authorize_group(
        call, execution ? execution->work_group : std::string(executions::kPrimaryWorkGroup)));
    if (execution) {
      found.push_back(aws::MessageWriter::write(to_message(*execution)));
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
  messages::ResultsRequest given;
  input.read(given);
  TICKLAKE_TRY(input.check());
  const int64_t wanted = given.rows_max.value_or(0);
  const auto rows_max = static_cast<size_t>(wanted > 0 ? wanted : messages::kPageRowsMax);
  TICKLAKE_ASSIGN(const Execution execution, execution_of(call, given.id, false));
  const executions::Caller caller = caller_of(call);
  const executions::CallerRights rights(access(), caller);
  TICKLAKE_ASSIGN(executions::ResultPage page,
                  executions_.results(execution, rights, rows_max, given.token));
  return aws::MessageWriter::write(messages::ResultsAnswer{
      .result = to_message(execution.columns, std::move(page.rows)),
      .update_count = static_cast<int64_t>(execution.update_count.value_or(0)),
      .next = std::move(page.next)});
}

aws::Answer<nlohmann::json> Service::get_query_runtime_statistics(const Call& call, Input& input) {
  const std::string id = input.text("QueryExecutionId", messages::kExecutionIdMax);
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
  messages::ExecutionId given;
  input.read(given);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(execution_of(call, given.id, false));
  TICKLAKE_TRY(executions_.stop(given.id));
  return json::object();
}

}  // namespace ticklake::aws_api::athena
