#include "query/executions/execution.h"

#include <array>

#include <nlohmann/json.hpp>

#include "query/executions/hive_type.h"

namespace ticklake::query::executions {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kStates{"QUEUED", "RUNNING", "SUCCEEDED", "FAILED",
                                                  "CANCELLED"};

struct Plain {
  std::string_view full;
  std::string_view type;
  int64_t precision;
};
constexpr int64_t kVarcharPrecision = 2'147'483'647;
constexpr std::array<Plain, 9> kPrecise{{{"tinyint", "tinyint", 3},
                                         {"smallint", "smallint", 5},
                                         {"integer", "integer", 10},
                                         {"bigint", "bigint", 19},
                                         {"real", "float", 17},
                                         {"double", "double", 17},
                                         {"varchar", "varchar", kVarcharPrecision},
                                         {"varbinary", "varbinary", 1'073'741'824},
                                         {"timestamp", "timestamp", 3}}};

int64_t to_ms(base::WallTime time) { return base::to_unix_ms(time); }
base::WallTime from_ms(int64_t ms) { return base::WallTime{std::chrono::milliseconds(ms)}; }

json columns_json(const std::vector<ResultColumn>& columns) {
  json list = json::array();
  for (const ResultColumn& column : columns)
    list.push_back({column.name, column.type, column.precision, column.scale});
  return list;
}

std::vector<ResultColumn> parse_columns(const json& list) {
  std::vector<ResultColumn> columns;
  for (const json& each : list) {
    columns.push_back({each.at(0).get<std::string>(), each.at(1).get<std::string>(),
                       each.at(2).get<int64_t>(), each.at(3).get<int64_t>()});
  }
  return columns;
}

}  // namespace

std::string_view name_of(ExecutionState state) { return kStates[static_cast<size_t>(state)]; }

ResultColumn result_column(std::string name, const std::string& full_type) {
  ResultColumn column{std::move(name), full_type};
  for (const Plain& plain : kPrecise) {
    if (plain.full != full_type) continue;
    column.type = plain.type;
    column.precision = plain.precision;
    return column;
  }
  if (full_type.starts_with("timestamp")) column.precision = 3;
  if (full_type.starts_with("decimal(")) {
    const auto type = parse_hive_type(full_type);
    if (type) column.precision = type->precision;
    if (type) column.scale = type->scale;
  }
  column.type = full_type.substr(0, full_type.find('('));
  return column;
}

std::string to_record(const Execution& execution) {
  const ExecutionStatistics& statistics = execution.statistics;
  json record{{"id", execution.id},
              {"sql", execution.sql},
              {"type", execution.statement_type},
              {"substatement", execution.substatement_type},
              {"workGroup", execution.work_group},
              {"catalog", execution.catalog},
              {"database", execution.database},
              {"parameters", execution.parameters},
              {"output", execution.output_location},
              {"file", execution.output_file},
              {"manifest", execution.manifest},
              {"token", execution.token},
              {"caller", execution.caller},
              {"state", static_cast<int>(execution.state)},
              {"reason", execution.reason},
              {"submitted", to_ms(execution.submitted)},
              {"statistics",
               {statistics.scanned_bytes, statistics.queued_ms, statistics.planning_ms,
                statistics.engine_ms, statistics.total_ms}},
              {"columns", columns_json(execution.columns)},
              {"header", execution.has_header}};
  if (execution.completed) record["completed"] = to_ms(*execution.completed);
  if (execution.update_count) record["updated"] = *execution.update_count;
  if (execution.result_rows) record["rows"] = *execution.result_rows;
  if (execution.error) {
    record["error"] = {execution.error->name, execution.error->message,
                       static_cast<int>(execution.error->category)};
  }
  return record.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Execution> parse_record(std::string_view document) {
  try {
    const json record = json::parse(document);
    const auto text = [&](const char* name) { return record.at(name).get<std::string>(); };
    Execution execution;
    execution.id = text("id");
    execution.sql = text("sql");
    execution.statement_type = text("type");
    execution.substatement_type = text("substatement");
    execution.work_group = text("workGroup");
    execution.catalog = text("catalog");
    execution.database = text("database");
    execution.parameters = record.at("parameters").get<std::vector<std::string>>();
    execution.output_location = text("output");
    execution.output_file = text("file");
    execution.manifest = text("manifest");
    execution.token = text("token");
    execution.caller = text("caller");
    const int state = record.at("state").get<int>();
    if (state < 0 || state >= static_cast<int>(kStates.size())) return std::nullopt;
    execution.state = static_cast<ExecutionState>(state);
    execution.reason = text("reason");
    execution.submitted = from_ms(record.at("submitted").get<int64_t>());
    const json& statistics = record.at("statistics");
    execution.statistics = {statistics.at(0).get<uint64_t>(), statistics.at(1).get<int64_t>(),
                            statistics.at(2).get<int64_t>(), statistics.at(3).get<int64_t>(),
                            statistics.at(4).get<int64_t>()};
    execution.columns = parse_columns(record.at("columns"));
    execution.has_header = record.at("header").get<bool>();
    if (record.contains("completed"))
      execution.completed = from_ms(record["completed"].get<int64_t>());
    if (record.contains("updated")) execution.update_count = record["updated"].get<uint64_t>();
    if (record.contains("rows")) execution.result_rows = record["rows"].get<uint64_t>();
    if (record.contains("error")) {
      const json& error = record["error"];
      execution.error =
          athena::AthenaError{error.at(0).get<std::string>(), error.at(1).get<std::string>(),
                              static_cast<athena::ErrorCategory>(error.at(2).get<int>())};
    }
    return execution;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace ticklake::query::executions
