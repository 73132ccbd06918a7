// CreateCrawler, GetCrawler, GetCrawlers, BatchGetCrawlers, ListCrawlers, UpdateCrawler,
// DeleteCrawler, StartCrawler, StopCrawler, GetCrawlerMetrics, ListCrawls.
//
// Targets are S3 and the catalog; others are refused by name, and so is CRAWL_EVENT_MODE. Custom
// classifiers are kept, and not used. A crawler's role is what it reads by, if the role is there.

#include <algorithm>

#include "aws_api/glue/crawler_access.h"
#include "aws_api/glue/request.h"
#include "catalog/model_json.h"

namespace ticklake::aws_api::glue {
namespace {

using catalog::Crawler;
using catalog::CrawlRecord;
using nlohmann::json;

constexpr size_t kPageMax = 1'000;
constexpr size_t kNamesMax = 100;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

json crawler_json(const Request& request, const Crawler& crawler) {
  return to_json(crawler, request.seams().clock.wall_now());
}

aws::Answer<std::string> crawler_name(Request& request, const char* member = "Name") {
  std::string name = request.input().text(member, catalog::kNameLimits);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_crawler(name));
  return name;
}

/// Whoever gives a crawler a role must be allowed to; a role that nobody has made lends no rights,
/// so that the targets must be the caller's to read.
aws::Answer<void> check_role(const Request& request, const Crawler& crawler) {
  const Seams& seams = request.seams();
  const aws::Principal& caller = request.call().caller.principal;
  const auto role = seams.identities.state()->find_role(role_name(crawler.role));
  if (role) {
    aws::RequestContext context = request.call().context;
    context.passed_to_service = "glue.amazonaws.com";
    const std::string arn = role->arn();
    const aws::PolicyRequest pass{caller, "iam:PassRole", arn, context};
    const aws::Decision decision = seams.access.is_allowed(pass);
    if (decision.is_allowed()) return {};
    return tl::unexpected(aws::access_denied(pass, decision));
  }
  for (const catalog::S3Target& target : crawler.s3_targets) {
    const auto parts = catalog::split_s3_path(target.path);
    if (!parts) continue;
    TICKLAKE_TRY(
        may_read(seams.access, caller, request.call().context, parts->first, parts->second));
  }
  return {};
}

aws::Answer<json> create_crawler(Request& request) {
  catalog::JsonReader& input = request.input();
  Crawler crawler;
  crawler.name = input.text("Name", catalog::kNameLimits);
  input.require("Role");
  input.require("Targets");
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_crawler(crawler.name));
  TICKLAKE_TRY(catalog::apply_crawler_input(request.call().input, crawler));
  TICKLAKE_TRY(check_role(request, crawler));
  TICKLAKE_TRY(request.seams().crawlers.create(std::move(crawler)));
  return json::object();
}

aws::Answer<json> update_crawler(Request& request) {
  TICKLAKE_ASSIGN(const std::string name, crawler_name(request));
  const auto change = [&](Crawler& crawler) -> aws::Answer<void> {
    TICKLAKE_TRY(catalog::apply_crawler_input(request.call().input, crawler));
    return check_role(request, crawler);
  };
  TICKLAKE_TRY(request.seams().crawlers.update(name, change));
  return json::object();
}

aws::Answer<json> delete_crawler(Request& request) {
  TICKLAKE_ASSIGN(const std::string name, crawler_name(request));
  TICKLAKE_TRY(request.seams().crawlers.remove(name));
  return json::object();
}

aws::Answer<json> start_crawler(Request& request) {
  TICKLAKE_ASSIGN(const std::string name, crawler_name(request));
  TICKLAKE_TRY(request.seams().crawlers.start(name));
  return json::object();
}

aws::Answer<json> stop_crawler(Request& request) {
  TICKLAKE_ASSIGN(const std::string name, crawler_name(request));
  TICKLAKE_TRY(request.seams().crawlers.stop(name));
  return json::object();
}

aws::Answer<json> get_crawler(Request& request) {
  TICKLAKE_ASSIGN(const std::string name, crawler_name(request));
  TICKLAKE_ASSIGN(const Crawler crawler, request.seams().crawlers.get(name));
  return json{{"Crawler", crawler_json(request, crawler)}};
}

aws::Answer<json> get_crawlers(Request& request) {
  const catalog::PageRequest wanted = request.page(kPageMax);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_all());
  TICKLAKE_ASSIGN(const auto page, request.seams().crawlers.list(wanted));
  return listing("Crawlers", page,
                 [&](const Crawler& crawler) { return crawler_json(request, crawler); });
}

aws::Answer<json> batch_get_crawlers(Request& request) {
  request.input().require("CrawlerNames");
  const auto names = request.input().texts("CrawlerNames", catalog::kNameLimits, kNamesMax);
  TICKLAKE_TRY(request.checked());
  json answer{{"Crawlers", json::array()}, {"CrawlersNotFound", json::array()}};
  for (const std::string& name : names) {
    TICKLAKE_TRY(request.allow_crawler(name));
    if (const auto crawler = request.seams().crawlers.get(name)) {
      answer["Crawlers"].push_back(crawler_json(request, *crawler));
    } else {
      answer["CrawlersNotFound"].push_back(name);
    }
  }
  return answer;
}

aws::Answer<json> list_crawlers(Request& request) {
  const auto tags = request.input().map("Tags");
  catalog::PageRequest wanted = request.page(kPageMax);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_all());
  wanted.max = std::min(wanted.max, kNamesMax);
  TICKLAKE_ASSIGN(const auto page,
                  request.seams().crawlers.list(wanted, [&](const Crawler& crawler) {
                    return std::ranges::all_of(tags, [&](const auto& tag) {
                      const auto found = crawler.tags.find(tag.first);
                      return found != crawler.tags.end() && found->second == tag.second;
                    });
                  }));
  return listing("CrawlerNames", page, [](const Crawler& crawler) { return crawler.name; });
}

/// Of all its crawls that are remembered.
aws::Answer<json> metrics_json(const Request& request, const Crawler& crawler) {
  TICKLAKE_ASSIGN(const auto page, request.seams().crawlers.crawls(crawler.name, {SIZE_MAX, {}}));
  json metrics{{"CrawlerName", crawler.name}, {"TimeLeftSeconds", 0.0},
               {"StillEstimating", false},    {"LastRuntimeSeconds", 0.0},
               {"MedianRuntimeSeconds", 0.0}, {"TablesCreated", 0},
               {"TablesUpdated", 0},          {"TablesDeleted", 0}};
  std::vector<double> times;
  int64_t created = 0, updated = 0, deleted = 0;
  for (const CrawlRecord& crawl : page.items) {
    created += crawl.tables_created;
    updated += crawl.tables_updated;
    deleted += crawl.tables_deleted;
    if (crawl.ended) times.push_back(seconds(*crawl.ended - crawl.started));
  }
  metrics["TablesCreated"] = created;
  metrics["TablesUpdated"] = updated;
  metrics["TablesDeleted"] = deleted;
  if (times.empty()) {
    metrics["StillEstimating"] = crawler.state != catalog::CrawlerState::kReady;
    return metrics;
  }
  metrics["LastRuntimeSeconds"] = std::max(times.front(), 0.0);
  std::ranges::sort(times);
  const double median = std::max(times[times.size() / 2], 0.0);
  metrics["MedianRuntimeSeconds"] = median;
  if (crawler.started) {
    const double passed = seconds(request.seams().clock.wall_now() - *crawler.started);
    metrics["TimeLeftSeconds"] = std::max(median - passed, 0.0);
  }
  return metrics;
}

aws::Answer<json> get_crawler_metrics(Request& request) {
  const auto names = request.input().texts("CrawlerNameList", catalog::kNameLimits, kNamesMax);
  const catalog::PageRequest wanted = request.page(kPageMax);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_all());
  TICKLAKE_ASSIGN(const auto page,
                  request.seams().crawlers.list(wanted, [&](const Crawler& crawler) {
                    return names.empty() || std::ranges::find(names, crawler.name) != names.end();
                  }));
  json answer{{"CrawlerMetricsList", json::array()}};
  for (const Crawler& crawler : page.items) {
    TICKLAKE_ASSIGN(json metrics, metrics_json(request, crawler));
    answer["CrawlerMetricsList"].push_back(std::move(metrics));
  }
  if (!page.next_token.empty()) answer["NextToken"] = page.next_token;
  return answer;
}

/// One of ListCrawls' filters.
struct CrawlFilter {
  std::string field;
  std::string comparison;
  std::string value;

  bool accepts(const CrawlRecord& crawl) const {
    if (field == "CRAWL_ID") return holds(crawl.id.compare(value));
    if (field == "STATE") return holds(std::string(state_name(crawl.state)).compare(value));
    const auto time = field == "END_TIME" ? crawl.ended : std::optional(crawl.started);
    if (field == "DPU_HOUR") return holds_number(0.0);
    return time && holds_number(static_cast<double>(base::to_unix_ms(*time)));
  }

 private:
  bool holds_number(double number) const {
    const double other = std::strtod(value.c_str(), nullptr);
    return holds(number < other ? -1 : number > other);
  }
  bool holds(int sign) const {
    if (comparison == "GT") return sign > 0;
    if (comparison == "GE") return sign >= 0;
    if (comparison == "LT") return sign < 0;
    if (comparison == "LE") return sign <= 0;
    if (comparison == "NE") return sign != 0;
    return sign == 0;
  }
};

std::vector<CrawlFilter> crawl_filters(Request& request) {
  constexpr std::string_view kFields[] = {"CRAWL_ID", "STATE", "START_TIME", "END_TIME",
                                          "DPU_HOUR"};
  constexpr std::string_view kComparisons[] = {"GT", "GE", "LT", "LE", "EQ", "NE"};
  std::vector<CrawlFilter> filters;
  for (const json* element : request.input().list("Filters", kNamesMax)) {
    catalog::JsonReader reader = request.input().child(*element, "Filters");
    CrawlFilter& filter = filters.emplace_back();
    filter.field = reader.text("FieldName", catalog::kAnyText);
    filter.comparison = reader.text("FilterOperator", catalog::kAnyText);
    filter.value = reader.text_or_empty("FieldValue", catalog::kAnyText);
    if (std::ranges::find(kFields, filter.field) == std::end(kFields)) {
      reader.fail("FieldName", "is none of its enumeration");
    }
    if (std::ranges::find(kComparisons, filter.comparison) == std::end(kComparisons)) {
      reader.fail("FilterOperator", "is none of its enumeration");
    }
  }
  return filters;
}

aws::Answer<json> list_crawls(Request& request) {
  const auto filters = crawl_filters(request);
  const catalog::PageRequest wanted = request.page(kPageMax);
  TICKLAKE_ASSIGN(const std::string name, crawler_name(request, "CrawlerName"));
  TICKLAKE_ASSIGN(const auto page,
                  request.seams().crawlers.crawls(name, wanted, [&](const CrawlRecord& crawl) {
                    return std::ranges::all_of(
                        filters, [&](const CrawlFilter& filter) { return filter.accepts(crawl); });
                  }));
  return listing("Crawls", page, [&](const CrawlRecord& crawl) { return to_json(crawl, name); });
}

}  // namespace

const std::vector<NamedOperation>& crawler_operations() {
  static const std::vector<NamedOperation> operations{
      {"CreateCrawler", create_crawler},
      {"UpdateCrawler", update_crawler},
      {"DeleteCrawler", delete_crawler, false},
      {"StartCrawler", start_crawler, false},
      {"StopCrawler", stop_crawler, false},
      {"GetCrawler", get_crawler, false},
      {"GetCrawlers", get_crawlers, false},
      {"BatchGetCrawlers", batch_get_crawlers},
      {"ListCrawlers", list_crawlers, false},
      {"GetCrawlerMetrics", get_crawler_metrics, false},
      {"ListCrawls", list_crawls}};
  return operations;
}

}  // namespace ticklake::aws_api::glue
