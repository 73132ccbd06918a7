#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "gateway/context.h"
#include "gateway/live_queries.h"
#include "http/exchange.h"
#include "http/router.h"

namespace ticklake::gateway {

// The handlers, a file each in routes/. What is passed by reference outlives the server.

/// GET /health/live
http::Response answer_live(const http::Request& request);
/// GET /health/ready: 503 with a reason until the pipeline serves; problems of parts do not count.
http::Task<http::Response> answer_ready(Context& context, http::Exchange& exchange);
/// GET /api/status
http::Task<http::Response> answer_status(Context& context, http::Exchange& exchange);
/// GET /metrics, the status in Prometheus' text format.
http::Task<http::Response> answer_metrics(Context& context, http::Exchange& exchange);
/// GET /api/tables: their columns, with the counts of the status.
http::Task<http::Response> answer_tables(Context& context, http::Exchange& exchange);
/// POST /api/query
http::Task<http::Response> answer_query(Context& context, http::Exchange& exchange);
/// GET /api/query/live?sql=…: events "result" and "failed".
http::Task<http::Response> answer_live_query(Context& context, LiveQueries& live,
                                             http::Exchange& exchange);
/// GET /api/events?table=…: events "ticks" and "status".
http::Task<http::Response> answer_events(Context& context, http::Exchange& exchange);

// Of the rooms beside the live one; the files say the shapes.
http::Task<http::Response> answer_buckets(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_objects(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_object(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_catalog_databases(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_catalog_tables(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_catalog_table(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_catalog_partitions(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_crawlers(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_crawls(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_crawl_report(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_crawler_start(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_executions(Context& context, http::Exchange& exchange);
http::Task<http::Response> answer_execution(Context& context, http::Exchange& exchange);

/// GET of anything else: the dashboard's files.
http::Response answer_asset(const http::Request& request);

/// POST /api/query whose answer streams, as CSV or JSON lines.
http::Task<http::Response> stream_rows(Context& context, http::Exchange& exchange,
                                       const SqlRequest& request);

/// The numbers of a status JSON in Prometheus' text format.
std::string metrics_text(const nlohmann::json& status);

/// The head of a stream of events, which `write` writes.
http::Response event_stream(std::function<http::Task<base::Result<void>>(http::BodyWriter&)> write);

/// All of them, with who may: whoever reaches the server.
http::Router make_router(Context& context, LiveQueries& live);

}  // namespace ticklake::gateway
