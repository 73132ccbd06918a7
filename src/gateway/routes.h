#pragma once

#include <list>
#include <mutex>
#include <stop_token>
#include <string>

#include "gateway/answer_budget.h"
#include "gateway/message.h"
#include "gateway/server.h"

namespace ticklake::gateway {

/// What the handlers of one server share. Handlers that run a query may be called from any thread;
/// the others from the server's own.
class Context {
 public:
  Context(Options given, query::QueryEngine& the_engine, const TickStream& the_ticks,
          StatusCallback status, const base::Clock& the_clock, base::Logger& the_logger);
  ~Context();

  /// The status JSON; computed again only if the last is older than `age_max`.
  const std::string& status_text(std::chrono::milliseconds age_max);

  const Options options;
  query::QueryEngine& engine;
  const TickStream& ticks;
  const base::Clock& clock;
  base::Logger& logger;
  AnswerBudget answers;

 private:
  StatusCallback status_;
  std::string status_text_;
  base::MonotonicTime status_time_{};
  bool has_status_ = false;
};

/// A SQL request: body {"sql","limit"} or plain text; ?format=json|text|csv|ndjson, ?limit=N,
/// ?dialect=athena.
struct SqlRequest {
  enum class Format : uint8_t { kJson, kText, kCsv, kLines };
  std::string sql;
  uint64_t rows_max;
  Format format = Format::kJson;
  query::Dialect dialect = query::Dialect::kDuckdb;
};
inline constexpr uint64_t kDefaultRowsMax = 10'000;

/// From POST /api/query, or, `sql` in the query, from GET /api/query/live.
base::Result<SqlRequest> read_sql_request(const Request& request);

/// Runs it to its end: {"columns","rows","row_count","truncated","elapsed_ms"}. With Format::kText
/// each value is a string, exactly as DuckDB prints it, or null. An error is one of the query's, or
/// that the answer is larger than kAnswerBytesMax, or that too many are held already.
Response answer_query(Context& context, const SqlRequest& request, std::stop_token stop);

/// GET /health/live, /health/ready, /api/status, /metrics, assets; 404 and 405.
Response answer(Context& context, const Request& request);
/// GET /api/tables, with the counts of a status JSON. Runs a query.
Response answer_tables(Context& context, const std::string& status_text);

/// The numbers of a status JSON in Prometheus' text format.
std::string metrics_text(const nlohmann::json& status);

}  // namespace ticklake::gateway
