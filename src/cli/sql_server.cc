#include <cstdio>

#include <nlohmann/json.hpp>

#include "base/http_client.h"
#include "cli/sql_source.h"

namespace ticklake::cli {
namespace {

using nlohmann::json;

base::Error unreachable(const std::string& url, base::Error error) {
  if (error.code == base::ErrorCode::kInterrupted) {
    return {error.code, "the query was cancelled", "", "", false};
  }
  if (error.code != base::ErrorCode::kUnavailable) return error;
  return {error.code, "cannot reach a server at " + url, error.cause,
          "ticklake up (it serves on 127.0.0.1:8080), or --url http://HOST:PORT", true};
}

base::Error bad_answer(const std::string& url) {
  return {base::ErrorCode::kInvalidData, "the server at " + url + " is not ticklake's",
          "its answer does not read as one of ours", "check --url", false};
}

/// The Error in an answer other than 2xx.
base::Error error_of(const base::HttpResponse& response, const std::string& url) {
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("error") || !body["error"].is_object()) {
    return bad_answer(url);
  }
  const json& error = body["error"];
  // A statement that is wrong is a failure of the command (1), not of its flags (2).
  const auto code =
      response.status == 503 ? base::ErrorCode::kUnavailable : base::ErrorCode::kInvalidData;
  return {code, error.value("what", "the server failed"), error.value("cause", ""),
          error.value("advice", ""), false};
}

base::Result<std::vector<query::Column>> columns_of(const json& list, const std::string& url) {
  if (!list.is_array()) return tl::unexpected(bad_answer(url));
  std::vector<query::Column> columns;
  for (const json& column : list) {
    if (!column.is_object()) return tl::unexpected(bad_answer(url));
    const std::string type = column.value("type", "");
    columns.push_back({column.value("name", ""), type, query::kind_of_name(type)});
  }
  return columns;
}

class Server final : public SqlSource {
 public:
  Server(std::string url, query::Dialect dialect) : url_(std::move(url)), dialect_(dialect) {
    while (url_.ends_with('/'))
      url_.pop_back();
  }

  base::Result<SqlAnswer> query(const std::string& sql, uint64_t rows_max,
                                std::stop_token stop) override {
    TICKLAKE_ASSIGN(const base::HttpResponse response,
                    post(sql, "?format=text&limit=" + std::to_string(rows_max), stop, {}));
    const json body = json::parse(response.body, nullptr, false);
    if (!body.is_object() || !body.contains("columns") || !body.contains("rows")) {
      return tl::unexpected(bad_answer(url_));
    }
    SqlAnswer answer;
    TICKLAKE_ASSIGN(answer.columns, columns_of(body["columns"], url_));
    query::RowBlock block(answer.columns.size());
    for (const json& row : body["rows"]) {
      if (!row.is_array() || row.size() != answer.columns.size()) {
        return tl::unexpected(bad_answer(url_));
      }
      for (const json& cell : row) {
        const auto* text = cell.get_ptr<const std::string*>();
        block.append(text ? std::optional<std::string_view>(*text) : std::nullopt);
      }
      ++answer.rows;
    }
    answer.blocks.push_back(std::move(block));
    answer.truncated = body.value("truncated", false);
    return answer;
  }

  base::Result<void> stream(const std::string& sql, RowFormat format, RowLimit rows_max,
                            std::stop_token stop, const TextSink& sink) override {
    std::string query = format == RowFormat::kCsv ? "?format=csv" : "?format=ndjson";
    if (rows_max) query += "&limit=" + std::to_string(*rows_max);
    TICKLAKE_TRY(post(sql, query, std::move(stop), sink));
    return {};
  }

  base::Result<std::vector<query::TableColumns>> tables() override {
    TICKLAKE_ASSIGN(const std::string text, get_from_server(url_, "/api/tables"));
    const json body = json::parse(text, nullptr, false);
    if (!body.is_array()) return tl::unexpected(bad_answer(url_));
    std::vector<query::TableColumns> tables;
    for (const json& table : body) {
      if (!table.is_object() || !table.contains("columns")) {
        return tl::unexpected(bad_answer(url_));
      }
      TICKLAKE_ASSIGN(auto columns, columns_of(table["columns"], url_));
      tables.push_back({table.value("name", ""), std::move(columns)});
    }
    return tables;
  }

 private:
  base::Result<base::HttpResponse> post(const std::string& sql, const std::string& query,
                                        std::stop_token stop, const TextSink& sink) {
    base::HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/api/query" + query;
    if (dialect_ == query::Dialect::kAthena) request.url += "&dialect=athena";
    request.headers = {"Content-Type: text/plain; charset=utf-8"};
    request.body = sql;
    request.stop = std::move(stop);
    request.on_body = sink;
    auto response = base::send_http(request);
    if (!response) return tl::unexpected(unreachable(url_, std::move(response).error()));
    if (response->status != 200) return tl::unexpected(error_of(*response, url_));
    return response;
  }

  std::string url_;
  const query::Dialect dialect_;
};

}  // namespace

std::unique_ptr<SqlSource> connect_server(std::string url, query::Dialect dialect) {
  return std::make_unique<Server>(std::move(url), dialect);
}

base::Result<std::string> get_from_server(const std::string& url, const std::string& path) {
  base::HttpRequest request;
  request.url = url + path;
  request.time_max = std::chrono::seconds(10);
  auto response = base::send_http(request);
  if (!response) return tl::unexpected(unreachable(url, std::move(response).error()));
  if (response->status != 200) return tl::unexpected(error_of(*response, url));
  return std::move(response->body);
}

}  // namespace ticklake::cli
