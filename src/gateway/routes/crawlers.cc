// GET /api/crawlers: each with its state and its last crawl.
// POST /api/crawlers/{crawler}/start: runs it, by its own role; 409 if it runs.
// GET /api/crawlers/{crawler}/crawls: newest first.
// GET /api/crawls/{crawl}/report: what it decided, a line a decision.

#include "gateway/error_answer.h"
#include "gateway/room_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {
namespace {

/// Each is asked for its last crawl too.
constexpr size_t kCrawlersMax = 25;

base::Result<catalog::Crawlers*> crawlers_of(const Context& context) {
  return served(context.options.parts.crawlers, "crawlers");
}

nlohmann::json crawl_json(const catalog::CrawlRecord& crawl) {
  nlohmann::json json = {{"id", crawl.id},
                         {"state", state_name(crawl.state)},
                         {"started", time_json(crawl.started)},
                         {"ended", nullptr},
                         {"error", crawl.error},
                         {"tables_created", crawl.tables_created},
                         {"tables_updated", crawl.tables_updated},
                         {"tables_deleted", crawl.tables_deleted}};
  if (crawl.ended) json["ended"] = time_json(*crawl.ended);
  return json;
}

nlohmann::json crawler_json(const catalog::Crawler& crawler) {
  auto targets = nlohmann::json::array();
  for (const catalog::S3Target& target : crawler.s3_targets)
    targets.push_back(target.path);
  for (const catalog::CatalogTarget& target : crawler.catalog_targets)
    targets.push_back(target.database);
  return {{"name", crawler.name},
          {"description", crawler.description},
          {"state", state_name(crawler.state)},
          {"database", crawler.database},
          {"targets", std::move(targets)},
          {"schedule", crawler.is_scheduled ? crawler.schedule : ""},
          {"role", crawler.role},
          {"last", nullptr}};
}

base::Result<nlohmann::json> list_crawlers(const Context& context, const http::Request& request) {
  TICKLAKE_ASSIGN(catalog::Crawlers* const crawlers, crawlers_of(context));
  const auto page = crawlers->list({.max = kCrawlersMax, .token = page_token(request)});
  if (!page) return base::fail(told(page.error(), "cannot list the crawlers"));
  auto items = nlohmann::json::array();
  for (const catalog::Crawler& crawler : page->items) {
    nlohmann::json item = crawler_json(crawler);
    const auto last = crawlers->crawls(crawler.name, {.max = 1});
    // One that was deleted since it was listed has no crawls any more.
    if (last && !last->items.empty()) item["last"] = crawl_json(last->items.front());
    items.push_back(std::move(item));
  }
  return page_json(std::move(items), page->next_token);
}

base::Result<nlohmann::json> list_crawls(const Context& context, const http::Request& request) {
  TICKLAKE_ASSIGN(catalog::Crawlers* const crawlers, crawlers_of(context));
  const auto page = crawlers->crawls(request.parameter("crawler"),
                                     {.max = kPageItemsMax, .token = page_token(request)});
  if (!page) return base::fail(told(page.error(), "cannot list the crawls"));
  auto items = nlohmann::json::array();
  for (const catalog::CrawlRecord& crawl : page->items)
    items.push_back(crawl_json(crawl));
  return page_json(std::move(items), page->next_token);
}

base::Result<nlohmann::json> read_report(const Context& context, const http::Request& request) {
  TICKLAKE_ASSIGN(catalog::Crawlers* const crawlers, crawlers_of(context));
  const auto report = crawlers->report(request.parameter("crawl"));
  if (!report) return base::fail(told(report.error(), "there is no report of that crawl"));
  return nlohmann::json{{"report", *report}};
}

http::Response start_crawler(const Context& context, const http::Request& request) {
  const auto crawlers = crawlers_of(context);
  if (!crawlers) return error_answer(crawlers.error());
  const std::string name(request.parameter("crawler"));
  const auto started = (*crawlers)->start(name);
  if (started) return json_answer("{\"state\":\"RUNNING\"}\n");
  const base::Error error = told(started.error(), "cannot start the crawler " + name);
  return started.error().code == "CrawlerRunningException" ? error_answer(409, error)
                                                           : error_answer(error);
}

}  // namespace

http::Task<http::Response> answer_crawlers(Context& context, http::Exchange& exchange) {
  return answer_look(context, exchange, [&context, &request = exchange.request()] {
    return list_crawlers(context, request);
  });
}

http::Task<http::Response> answer_crawls(Context& context, http::Exchange& exchange) {
  return answer_look(context, exchange, [&context, &request = exchange.request()] {
    return list_crawls(context, request);
  });
}

http::Task<http::Response> answer_crawl_report(Context& context, http::Exchange& exchange) {
  return answer_look(context, exchange, [&context, &request = exchange.request()] {
    return read_report(context, request);
  });
}

http::Task<http::Response> answer_crawler_start(Context& context, http::Exchange& exchange) {
  return answer_work(context, exchange, [&context, &request = exchange.request()] {
    return start_crawler(context, request);
  });
}

}  // namespace ticklake::gateway
