#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "catalog/glue_client.h"
#include "cli/aws_client.h"
#include "cli/crawl_flags.h"
#include "cli/interruption.h"

namespace ticklake::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kScheme = "s3://";
constexpr const char* kUpdatedBy = "UPDATED_BY_CRAWLER";
constexpr size_t kCrawlerNameMax = 255;

/// "ticklake-bucket-prefix": the same path has the same crawler again.
std::string crawler_name(const CrawlFlags& flags) {
  if (!flags.crawler.empty()) return flags.crawler;
  std::string name = "ticklake-" + flags.location.substr(kScheme.size());
  for (char& c : name) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
    c = is_plain ? c : '-';
  }
  while (name.ends_with('-'))
    name.pop_back();
  return name.substr(0, kCrawlerNameMax);
}

/// What the flags say of how to group, in Glue's words; empty if nothing.
std::string configuration(const CrawlFlags& flags) {
  json object;
  if (flags.combines) object["Grouping"]["TableGroupingPolicy"] = "CombineCompatibleSchemas";
  if (flags.level > 0) object["Grouping"]["TableLevelConfiguration"] = flags.level;
  if (flags.merges) object["CrawlerOutput"]["Tables"]["AddOrUpdateBehavior"] = "MergeNewColumns";
  if (object.empty()) return {};
  object["Version"] = 1.0;
  return object.dump();
}

bool is_same_path(std::string a, std::string b) {
  for (std::string* path : {&a, &b}) {
    while (path->ends_with('/'))
      path->pop_back();
  }
  return a == b;
}

/// Makes the path's crawler, or finds the one that an earlier run has made.
base::Result<void> make_crawler(catalog::GlueClient& glue, const CrawlFlags& flags,
                                const std::string& name, const std::stop_token& stop) {
  catalog::CreateCrawler crawler{.name = name, .role = flags.role, .database = flags.database};
  catalog::S3Target& target = crawler.targets.s3.emplace_back();
  target.path = flags.location;
  target.exclusions = flags.exclusions;
  if (flags.sample > 0) target.sample_size = static_cast<int64_t>(flags.sample);
  crawler.table_prefix = flags.prefix;
  crawler.configuration = configuration(flags);
  if (!flags.role.empty()) {
    auto made = glue.create_crawler(crawler, stop);
    if (made) {
      fmt::print(stderr, "made the crawler {} for {}\n", name, flags.location);
      return {};
    }
    if (made.error().code != "AlreadyExistsException") {
      return tl::unexpected(std::move(made).error());
    }
  }
  auto found = glue.get_crawler(name, stop);
  if (!found && found.error().code == "EntityNotFoundException") {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "there is no crawler " + name + " yet, and none can be made without a role",
                      "Glue reads the files as that role",
                      "--role ROLE; `ticklake iam policy --for crawler` prints what it needs");
  }
  TICKLAKE_TRY(found);
  for (const catalog::S3Target& known : found->targets.s3) {
    if (!is_same_path(known.path, flags.location)) continue;
    fmt::print(stderr, "the crawler {} for {} is there: its own settings count\n", name,
               flags.location);
    return {};
  }
  return base::fail(base::ErrorCode::kAlreadyExists,
                    "the crawler " + name + " is for another path than " + flags.location, {},
                    "--name NAME chooses another one");
}

/// Counts of a crawl's summary, {"TABLE": {"ADD": 1}} or with {"Count": 1} in the place of 1; what
/// is not told is 0.
int64_t count_in(const json& summary, const char* what, const char* action) {
  const json::json_pointer place(std::string("/") + what + "/" + action);
  if (!summary.is_object() || !summary.contains(place)) return 0;
  const json& value = summary.at(place);
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_object()) return 0;
  const auto count = value.find("Count");
  return count != value.end() && count->is_number_integer() ? count->get<int64_t>() : 0;
}

std::string counts_text(const json& summary, const char* what) {
  return fmt::format("{} created, {} updated, {} deleted", count_in(summary, what, "ADD"),
                     count_in(summary, what, "UPDATE"), count_in(summary, what, "DELETE"));
}

base::Result<void> print_outcome(catalog::GlueClient& glue, const catalog::CrawlerStatus& crawler,
                                 const std::stop_token& stop) {
  if (!crawler.last) {
    return base::fail(base::ErrorCode::kInvalidData,
                      "Glue tells nothing of the crawl of " + crawler.name);
  }
  const catalog::LastCrawlInfo& last = *crawler.last;
  std::string counts;
  std::string elapsed;
  // Who may start a crawler may perhaps not list crawls: then there are no counts.
  const auto crawls = glue.crawls(crawler.name, stop);
  if (crawls && !crawls->empty()) {
    const catalog::CrawlInfo& newest = crawls->front();
    const json summary = json::parse(newest.summary, nullptr, false);
    counts = "; tables: " + counts_text(summary, "TABLE") +
             "; partitions: " + counts_text(summary, "PARTITION");
    if (newest.started && newest.ended) {
      const std::chrono::duration<double> duration = *newest.ended - *newest.started;
      elapsed = fmt::format(" in {:.2f} s", duration.count());
    }
  }
  fmt::print(stderr, "crawl {}{}{}; log: {} {}\n", last.status, elapsed, counts, last.log_group,
             last.log_stream);
  if (last.status == "FAILED") {
    return base::fail(base::ErrorCode::kInvalidData, "the crawl of " + crawler.name + " failed",
                      last.error, "its log in CloudWatch says more: " + last.log_group);
  }
  if (last.status == "CANCELLED") {
    return base::fail(base::ErrorCode::kInterrupted,
                      "the crawl of " + crawler.name + " was cancelled",
                      "somebody stopped the crawler");
  }
  return {};
}

base::Result<void> print_tables(catalog::GlueClient& glue, const catalog::CrawlerStatus& crawler,
                                bool is_json, const std::stop_token& stop) {
  if (crawler.database.empty()) return {};
  std::vector<CrawledTable> crawled;
  TICKLAKE_ASSIGN(auto tables, glue.tables(crawler.database, stop));
  for (catalog::Table& table : tables) {
    const auto updated_by = table.parameters.find(kUpdatedBy);
    if (updated_by == table.parameters.end() || updated_by->second != crawler.name) continue;
    TICKLAKE_ASSIGN(const size_t partitions, glue.count_partitions(table, stop));
    crawled.push_back({std::move(table), partitions});
  }
  print_crawled_tables(crawled, is_json);
  return {};
}

/// Ctrl-C: the crawler is stopped too.
base::Error stopped(catalog::GlueClient& glue, const std::string& name) {
  base::Error error{base::ErrorCode::kInterrupted,
                    "the crawl of " + name + " was cancelled",
                    "Glue was told to stop the crawler",
                    {},
                    false};
  const auto done = glue.stop_crawler(name);
  if (done || done.error().code == "CrawlerNotRunningException") return error;
  error.what = "the crawl of " + name + " goes on in Glue";
  error.cause = "it could not be cancelled: " + base::to_line(done.error().error);
  error.advice = "aws glue stop-crawler --name " + name;
  return error;
}

}  // namespace

base::Result<void> run_glue_crawl(const CrawlFlags& flags) {
  const Interruption interruption("cancelling the crawl…");
  const std::stop_token stop = interruption.token();
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(aws::JsonClient client, aws_client(aws::kGlue, flags.region, clock));
  catalog::GlueClient glue(std::move(client), aws::wait_for);
  std::string name = flags.location;
  if (name.starts_with(kScheme)) {
    name = crawler_name(flags);
    TICKLAKE_TRY(make_crawler(glue, flags, name, stop));
  }
  auto started = glue.start_crawler(name, stop);
  const bool is_ours = started.has_value();
  if (!started && started.error().code == "CrawlerRunningException") {
    fmt::print(stderr, "the crawler {} runs already: waiting for it\n", name);
  } else {
    TICKLAKE_TRY(started);
  }
  const auto ready = glue.wait_until_ready(
      name, [&](const std::string& state) { fmt::print(stderr, "{}: {}\n", name, state); }, stop);
  if (!ready && interruption.requested() && is_ours) return tl::unexpected(stopped(glue, name));
  TICKLAKE_TRY(ready);
  TICKLAKE_TRY(print_outcome(glue, *ready, stop));
  return print_tables(glue, *ready, flags.json, stop);
}

}  // namespace ticklake::cli
