#include "gateway/routes.h"

namespace ticklake::gateway {
namespace {

using Answer = http::Task<http::Response>(Context&, http::Exchange&);

http::Handler bound(Answer& answer, Context& context) {
  return [&answer, &context](http::Exchange& exchange) { return answer(context, exchange); };
}

/// What the rooms show; a GET each.
constexpr std::pair<const char*, Answer*> kRooms[] = {
    {"/api/buckets", &answer_buckets},
    {"/api/buckets/{bucket}/objects", &answer_objects},
    {"/api/buckets/{bucket}/object", &answer_object},
    {"/api/catalog/databases", &answer_catalog_databases},
    {"/api/catalog/databases/{database}/tables", &answer_catalog_tables},
    {"/api/catalog/databases/{database}/tables/{table}", &answer_catalog_table},
    {"/api/catalog/databases/{database}/tables/{table}/partitions", &answer_catalog_partitions},
    {"/api/crawlers", &answer_crawlers},
    {"/api/crawlers/{crawler}/crawls", &answer_crawls},
    {"/api/crawls/{crawl}/report", &answer_crawl_report},
    {"/api/executions", &answer_executions},
    {"/api/executions/{execution}", &answer_execution},
};

}  // namespace

http::Router make_router(Context& context, LiveQueries& live) {
  const http::Handler live_query = [&context, &live](http::Exchange& exchange) {
    return answer_live_query(context, live, exchange);
  };
  http::Router router;
  const auto add = [&router](const char* method, const char* pattern, http::Handler handler,
                             uint64_t body_bytes_max = 0) {
    router.add({method, pattern, http::anyone(), std::move(handler), body_bytes_max});
  };
  add("GET", "/health/live", answer_live);
  add("GET", "/health/ready", bound(answer_ready, context));
  add("GET", "/api/status", bound(answer_status, context));
  add("GET", "/api/tables", bound(answer_tables, context));
  add("GET", "/api/events", bound(answer_events, context));
  add("GET", "/api/query/live", live_query);
  add("POST", "/api/query", bound(answer_query, context), context.options.body_bytes_max);
  for (const auto& [pattern, answer] : kRooms)
    add("GET", pattern, bound(*answer, context));
  add("POST", "/api/crawlers/{crawler}/start", bound(answer_crawler_start, context));
  add("GET", "/metrics", bound(answer_metrics, context));
  add("GET", "/{path...}", answer_asset);
  return router;
}

}  // namespace ticklake::gateway
