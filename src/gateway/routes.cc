#include "gateway/routes.h"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "gateway/assets.h"
#include "query/format.h"

namespace ticklake::gateway {
namespace {

/// How old the status of one GET may be; so that a loop of curl costs no more than a dashboard.
constexpr std::chrono::milliseconds kFreshStatus{50};
constexpr int kJsonDepthMax = 16;

struct Route {
  std::string_view path;
  std::string_view method;
};
constexpr Route kRoutes[] = {
    {"/health/live", "GET"}, {"/health/ready", "GET"},   {"/api/status", "GET"},
    {"/api/tables", "GET"},  {"/api/events", "GET"},     {"/metrics", "GET"},
    {"/api/query", "POST"},  {"/api/query/live", "GET"},
};

base::Result<uint64_t> read_limit(const std::string& text) {
  uint64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc{} && end == text.data() + text.size()) return limit;
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + text + "' is no limit",
                    "limit is a number of rows", "limit=1000");
}

/// Not more deeply nested than any request of ours: the parser's recursion stays bounded.
bool is_shallow(std::string_view json) {
  int depth = 0;
  for (const char c : json) {
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > kJsonDepthMax) return false;
  }
  return true;
}

base::Result<void> read_json_body(const Request& request, SqlRequest& sql) {
  const auto bad = [](std::string cause) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the body is not a query",
                      std::move(cause), R"({"sql": "SELECT count(*) FROM trades", "limit": 100})");
  };
  // Brackets inside the SQL count too; a query that nests so deeply can come as plain text.
  const auto json = is_shallow(request.body) ? nlohmann::json::parse(request.body, nullptr, false)
                                             : nlohmann::json(nlohmann::json::value_t::discarded);
  if (!json.is_object()) return bad("it is no JSON object");
  const auto statement = json.find("sql");
  if (statement == json.end() || !statement->is_string()) return bad("it has no text \"sql\"");
  sql.sql = statement->get<std::string>();
  const auto limit = json.find("limit");
  if (limit == json.end() || limit->is_null()) return {};
  if (!limit->is_number_unsigned()) return bad("\"limit\" is no number of rows");
  sql.rows_max = limit->get<uint64_t>();
  return {};
}

Response answer_ready(Context& context) {
  const auto status = nlohmann::json::parse(context.status_text(kFreshStatus), nullptr, false);
  const bool ready = status.is_object() && status.value("ready", false);
  if (ready) {
    const auto problems = status.find("problems");
    const nlohmann::json answer = {
        {"ready", true},
        {"problems", problems == status.end() ? nlohmann::json::array() : *problems}};
    return {200, "application/json", answer.dump() + "\n"};
  }
  std::string json = "{\"ready\":false,\"reason\":";
  query::append_json_string(
      status.is_object() ? status.value("reason", std::string("starting")) : "starting", json);
  return {503, "application/json", json + "}\n"};
}

/// What the status says of a table; an empty object if it says nothing.
nlohmann::json counts_of(const nlohmann::json& status, const std::string& name) {
  if (!status.is_object() || !status.contains("tables")) return nlohmann::json::object();
  for (const nlohmann::json& table : status["tables"]) {
    if (table.is_object() && table.value("name", "") == name) return table;
  }
  return nlohmann::json::object();
}

Response answer_unknown(const Request& request) {
  for (const Route& route : kRoutes) {
    if (route.path != request.path) continue;
    Response response = error_response(
        405, {base::ErrorCode::kUnsupported, request.method + " is not possible here", "",
              std::string(route.method) + " " + request.path, false});
    response.headers.emplace_back("Allow", route.method);
    return response;
  }
  if (request.method == "GET" || request.method == "HEAD") return serve_asset(request);
  return error_response(
      405, {base::ErrorCode::kUnsupported, request.method + " is not possible here", "",
            "GET " + request.path, false});
}

}  // namespace

Context::Context(Options given, query::QueryEngine& the_engine, const TickStream& the_ticks,
                 StatusCallback status, const base::Clock& the_clock, base::Logger& the_logger)
    : options(std::move(given)),
      engine(the_engine),
      ticks(the_ticks),
      clock(the_clock),
      logger(the_logger),
      status_(std::move(status)) {}
Context::~Context() = default;

const std::string& Context::status_text(std::chrono::milliseconds age_max) {
  const base::MonotonicTime now = clock.monotonic_now();
  if (!has_status_ || now - status_time_ > age_max) {
    status_text_ = status_().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    status_time_ = now;
    has_status_ = true;
  }
  return status_text_;
}

base::Result<SqlRequest> read_sql_request(const Request& request) {
  SqlRequest sql{{}, kDefaultRowsMax};
  const std::string format = request.parameter("format");
  if (format == "csv") {
    sql.format = SqlRequest::Format::kCsv;
  } else if (format == "ndjson") {
    sql.format = SqlRequest::Format::kLines;
  } else if (format == "text") {
    sql.format = SqlRequest::Format::kText;
  } else if (!format.empty() && format != "json") {
    return base::fail(base::ErrorCode::kInvalidArgument, "'" + format + "' is no format", "",
                      "format=json, text, csv or ndjson");
  }
  // What streams has no need of a limit: nothing of it is kept.
  const bool streams =
      sql.format == SqlRequest::Format::kCsv || sql.format == SqlRequest::Format::kLines;
  if (streams) sql.rows_max = UINT64_MAX;
  if (request.method == "GET") {
    sql.sql = request.parameter("sql");
  } else if (request.header("content-type").starts_with("text/plain") ||
             request.header("content-type").starts_with("application/sql")) {
    sql.sql = request.body;
  } else {
    TICKLAKE_TRY(read_json_body(request, sql));
  }
  if (const std::string dialect = request.parameter("dialect"); dialect == "athena") {
    sql.dialect = query::Dialect::kAthena;
  } else if (!dialect.empty() && dialect != "duckdb") {
    return base::fail(base::ErrorCode::kInvalidArgument, "'" + dialect + "' is no dialect", "",
                      "dialect=duckdb or athena");
  }
  if (const std::string limit = request.parameter("limit"); !limit.empty()) {
    TICKLAKE_ASSIGN(sql.rows_max, read_limit(limit));
  }
  return sql;
}

Response answer_tables(Context& context, const std::string& status_text) {
  auto tables = context.engine.tables();
  if (!tables) return error_response(status_of(tables.error().code), tables.error());
  const auto status = nlohmann::json::parse(status_text, nullptr, false);
  nlohmann::json answer = nlohmann::json::array();
  for (const query::TableColumns& table : *tables) {
    nlohmann::json columns = nlohmann::json::array();
    for (const query::Column& column : table.columns)
      columns.push_back({{"name", column.name}, {"type", column.type}});
    nlohmann::json entry = {{"name", table.name}, {"columns", std::move(columns)}};
    const nlohmann::json counts = counts_of(status, table.name);
    for (const char* count : {"rows_lake", "rows_tail", "files"})
      entry[count] = counts.value(count, uint64_t{0});
    answer.push_back(std::move(entry));
  }
  return {200, "application/json",
          answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

Response answer(Context& context, const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return answer_unknown(request);
  if (request.path == "/health/live") return {200, "application/json", "{\"live\":true}\n"};
  if (request.path == "/health/ready") return answer_ready(context);
  if (request.path == "/api/status") {
    return {200, "application/json", context.status_text(kFreshStatus) + "\n"};
  }
  if (request.path == "/metrics") {
    const auto status = nlohmann::json::parse(context.status_text(kFreshStatus));
    return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(status)};
  }
  return answer_unknown(request);
}

}  // namespace ticklake::gateway
