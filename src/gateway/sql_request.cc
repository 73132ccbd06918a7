#include "gateway/sql_request.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "http/percent.h"

namespace ticklake::gateway {
namespace {

constexpr int kJsonDepthMax = 16;
constexpr uint64_t kLiveRowsMax = 1'000;

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

base::Result<void> read_json_body(std::string_view body, SqlRequest& sql) {
  const auto bad = [](std::string cause) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the body is not a query",
                      std::move(cause), R"({"sql": "SELECT count(*) FROM trades", "limit": 100})");
  };
  // Brackets inside the SQL count too; a query that nests so deeply can come as plain text.
  const auto json = is_shallow(body) ? nlohmann::json::parse(body, nullptr, false)
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

std::string parameter(const http::Request& request, std::string_view name) {
  return http::query_value(request.raw_query(), name).value_or("");
}

base::Result<SqlRequest::Format> read_format(const std::string& name) {
  if (name.empty() || name == "json") return SqlRequest::Format::kJson;
  if (name == "csv") return SqlRequest::Format::kCsv;
  if (name == "ndjson") return SqlRequest::Format::kLines;
  if (name == "text") return SqlRequest::Format::kText;
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + name + "' is no format", "",
                    "format=json, text, csv or ndjson");
}

base::Result<query::Dialect> read_dialect(const std::string& name) {
  if (name.empty() || name == "duckdb") return query::Dialect::kDuckdb;
  if (name == "athena") return query::Dialect::kAthena;
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + name + "' is no dialect", "",
                    "dialect=duckdb or athena");
}

}  // namespace

base::Result<SqlRequest> read_sql_request(const http::Request& request, std::string_view body) {
  SqlRequest sql;
  TICKLAKE_ASSIGN(sql.format, read_format(parameter(request, "format")));
  if (sql.streams()) sql.rows_max = UINT64_MAX;
  const std::string_view type = request.field("Content-Type");
  if (type.starts_with("text/plain") || type.starts_with("application/sql")) {
    sql.sql = body;
  } else {
    TICKLAKE_TRY(read_json_body(body, sql));
  }
  TICKLAKE_ASSIGN(sql.dialect, read_dialect(parameter(request, "dialect")));
  if (const std::string limit = parameter(request, "limit"); !limit.empty()) {
    TICKLAKE_ASSIGN(sql.rows_max, read_limit(limit));
  }
  return sql;
}

base::Result<SqlRequest> read_live_sql_request(const http::Request& request) {
  SqlRequest sql;
  sql.sql = parameter(request, "sql");
  if (sql.sql.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "there is no statement", "",
                      "/api/query/live?sql=SELECT+count(*)+FROM+trades");
  }
  sql.rows_max = kLiveRowsMax;
  TICKLAKE_ASSIGN(sql.dialect, read_dialect(parameter(request, "dialect")));
  if (const std::string limit = parameter(request, "limit"); !limit.empty()) {
    TICKLAKE_ASSIGN(sql.rows_max, read_limit(limit));
  }
  return sql;
}

}  // namespace ticklake::gateway
