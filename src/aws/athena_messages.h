#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/message_writer.h"

namespace ticklake::aws::athena {

/// The messages of Athena that are both served and called, each described once: see
/// message_writer.h. Names and limits are those of botocore's model of athena/2017-05-18.

/// The most rows of a page of results.
inline constexpr int64_t kPageRowsMax = 1000;
inline constexpr size_t kExecutionIdMax = 128;

struct QueryContext {
  std::string database = {};
  std::string catalog = {};
};
template <typename Members, typename M>
requires IsMessage<M, QueryContext>
void describe(Members& members, M& message) {
  members.text_or_empty("Database", message.database, {1, 255});
  members.text_or_empty("Catalog", message.catalog, {1, 256});
}

struct ResultConfiguration {
  std::string output_location = {};  ///< the folder of a request, the file of an execution
};
template <typename Members, typename M>
requires IsMessage<M, ResultConfiguration>
void describe(Members& members, M& message) {
  members.text_or_empty("OutputLocation", message.output_location, {0, 2048});
}

struct StartQuery {
  std::string sql;
  std::string token = {};  ///< ClientRequestToken: the same one starts the same execution
  std::optional<QueryContext> context = {};
  std::optional<ResultConfiguration> result = {};
  std::string work_group = {};  ///< empty: primary
  std::vector<std::string> parameters = {};
};
template <typename Members, typename M>
requires IsMessage<M, StartQuery>
void describe(Members& members, M& message) {
  members.text("QueryString", message.sql, {1, 262'144});
  members.text_or_empty("ClientRequestToken", message.token, {32, 128});
  members.text_or_empty("WorkGroup", message.work_group, {1, 128});
  members.texts("ExecutionParameters", message.parameters, {1, 1024});
  members.optional_object("QueryExecutionContext", message.context);
  members.optional_object("ResultConfiguration", message.result);
}

/// The answer of StartQueryExecution; the request of GetQueryExecution and StopQueryExecution.
struct ExecutionId {
  std::string id;
};
template <typename Members, typename M>
requires IsMessage<M, ExecutionId>
void describe(Members& members, M& message) {
  members.text("QueryExecutionId", message.id, {1, kExecutionIdMax});
}

struct QueryFailure {
  int64_t category = 0;  ///< 1 the system, 2 the user, 3 other
  int64_t type = 0;
  bool is_retryable = false;
  std::string message = {};
};
template <typename Members, typename M>
requires IsMessage<M, QueryFailure>
void describe(Members& members, M& message) {
  members.integer("ErrorCategory", message.category);
  members.integer("ErrorType", message.type);
  members.boolean("Retryable", message.is_retryable);
  members.kept_text("ErrorMessage", message.message);
}

struct QueryStatus {
  std::string state;        ///< QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED
  std::string reason = {};  ///< StateChangeReason
  base::WallTime submitted{};
  std::optional<base::WallTime> completed = {};
  std::optional<QueryFailure> failure = {};

  bool is_final() const { return state == "SUCCEEDED" || state == "FAILED" || is_cancelled(); }
  bool is_cancelled() const { return state == "CANCELLED"; }
};
template <typename Members, typename M>
requires IsMessage<M, QueryStatus>
void describe(Members& members, M& message) {
  members.text("State", message.state);
  members.text_or_empty("StateChangeReason", message.reason);
  members.time("SubmissionDateTime", message.submitted);
  members.optional_time("CompletionDateTime", message.completed);
  members.optional_object("AthenaError", message.failure);
}

struct ReuseInformation {
  bool is_reused = false;
};
template <typename Members, typename M>
requires IsMessage<M, ReuseInformation>
void describe(Members& members, M& message) {
  members.boolean("ReusedPreviousResult", message.is_reused);
}

struct QueryStatistics {
  int64_t scanned_bytes = 0;
  int64_t engine_ms = 0;
  int64_t queued_ms = 0;
  int64_t planning_ms = 0;
  int64_t preparation_ms = 0;
  int64_t service_ms = 0;
  int64_t total_ms = 0;
  std::string manifest = {};  ///< of what CTAS, INSERT and UNLOAD wrote
  ReuseInformation reuse = {};
};
template <typename Members, typename M>
requires IsMessage<M, QueryStatistics>
void describe(Members& members, M& message) {
  members.integer("DataScannedInBytes", message.scanned_bytes);
  members.integer("EngineExecutionTimeInMillis", message.engine_ms);
  members.integer("QueryQueueTimeInMillis", message.queued_ms);
  members.integer("QueryPlanningTimeInMillis", message.planning_ms);
  members.integer("ServicePreProcessingTimeInMillis", message.preparation_ms);
  members.integer("ServiceProcessingTimeInMillis", message.service_ms);
  members.integer("TotalExecutionTimeInMillis", message.total_ms);
  members.text_or_empty("DataManifestLocation", message.manifest);
  members.object("ResultReuseInformation", message.reuse);
}

struct ReuseByAge {
  bool is_enabled = false;
};
template <typename Members, typename M>
requires IsMessage<M, ReuseByAge>
void describe(Members& members, M& message) { members.boolean("Enabled", message.is_enabled); }

struct ReuseConfiguration {
  ReuseByAge by_age = {};
};
template <typename Members, typename M>
requires IsMessage<M, ReuseConfiguration>
void describe(Members& members, M& message) {
  members.object("ResultReuseByAgeConfiguration", message.by_age);
}

struct EngineVersion {
  std::string selected = "AUTO";
  std::string effective = {};
};
template <typename Members, typename M>
requires IsMessage<M, EngineVersion>
void describe(Members& members, M& message) {
  members.kept_text("SelectedEngineVersion", message.selected);
  members.kept_text("EffectiveEngineVersion", message.effective);
}

struct QueryExecution {
  std::string id;
  std::string sql = {};
  std::string statement_type = {};  ///< DML, DDL, UTILITY; empty where it does not parse
  std::string substatement_type = {};
  std::vector<std::string> parameters = {};
  ResultConfiguration result = {};
  ReuseConfiguration reuse = {};
  QueryContext context = {};
  QueryStatus status = {};
  QueryStatistics statistics = {};
  std::string work_group = {};
  EngineVersion engine = {};
};
template <typename Members, typename M>
requires IsMessage<M, QueryExecution>
void describe(Members& members, M& message) {
  members.text("QueryExecutionId", message.id);
  members.kept_text("Query", message.sql);
  members.text_or_empty("StatementType", message.statement_type);
  members.text_or_empty("SubstatementType", message.substatement_type);
  members.texts("ExecutionParameters", message.parameters);
  members.object("ResultConfiguration", message.result);
  members.object("ResultReuseConfiguration", message.reuse);
  members.object("QueryExecutionContext", message.context);
  members.object("Status", message.status);
  members.object("Statistics", message.statistics);
  members.kept_text("WorkGroup", message.work_group);
  members.object("EngineVersion", message.engine);
}

/// The answer of GetQueryExecution.
struct QueryExecutionAnswer {
  QueryExecution execution = {};
};
template <typename Members, typename M>
requires IsMessage<M, QueryExecutionAnswer>
void describe(Members& members, M& message) { members.object("QueryExecution", message.execution); }

/// The request of GetQueryResults.
struct ResultsRequest {
  std::string id;
  std::optional<int64_t> rows_max = {};
  std::string token = {};  ///< NextToken of the page before
};
template <typename Members, typename M>
requires IsMessage<M, ResultsRequest>
void describe(Members& members, M& message) {
  members.text("QueryExecutionId", message.id, {1, kExecutionIdMax});
  members.optional_integer("MaxResults", message.rows_max, 0, kPageRowsMax);
  members.text_or_empty("NextToken", message.token, {0, 1024});
}

struct Datum {
  std::optional<std::string> value = {};  ///< none is NULL
};
template <typename Members, typename M>
requires IsMessage<M, Datum>
void describe(Members& members, M& message) {
  members.optional_text("VarCharValue", message.value);
}

struct ResultRow {
  std::vector<Datum> data;
};
template <typename Members, typename M>
requires IsMessage<M, ResultRow>
void describe(Members& members, M& message) { members.list("Data", message.data); }

struct ColumnInfo {
  std::string catalog = "hive";
  std::string schema = {};
  std::string table = {};
  std::string name;
  std::string label = {};
  std::string type;  ///< Athena's short name: integer, varchar, decimal, array …
  int64_t precision = 0;
  int64_t scale = 0;
  std::string nullable = "UNKNOWN";
  bool is_case_sensitive = false;
};
template <typename Members, typename M>
requires IsMessage<M, ColumnInfo>
void describe(Members& members, M& message) {
  members.kept_text("CatalogName", message.catalog);
  members.kept_text("SchemaName", message.schema);
  members.kept_text("TableName", message.table);
  members.text("Name", message.name);
  members.kept_text("Label", message.label);
  members.text("Type", message.type);
  members.integer("Precision", message.precision);
  members.integer("Scale", message.scale);
  members.kept_text("Nullable", message.nullable);
  members.boolean("CaseSensitive", message.is_case_sensitive);
}

struct ResultMetadata {
  std::vector<ColumnInfo> columns;
};
template <typename Members, typename M>
requires IsMessage<M, ResultMetadata>
void describe(Members& members, M& message) { members.list("ColumnInfo", message.columns); }

struct ResultSet {
  /// Of a SELECT the first row of the first page repeats the names of the columns.
  std::vector<ResultRow> rows;
  ResultMetadata metadata = {};
};
template <typename Members, typename M>
requires IsMessage<M, ResultSet>
void describe(Members& members, M& message) {
  members.list("Rows", message.rows);
  members.object("ResultSetMetadata", message.metadata);
}

/// The answer of GetQueryResults.
struct ResultsAnswer {
  ResultSet result = {};
  int64_t update_count = 0;
  std::string next = {};
};
template <typename Members, typename M>
requires IsMessage<M, ResultsAnswer>
void describe(Members& members, M& message) {
  members.object("ResultSet", message.result);
  members.integer("UpdateCount", message.update_count);
  members.text_or_empty("NextToken", message.next);
}

}  // namespace ticklake::aws::athena
