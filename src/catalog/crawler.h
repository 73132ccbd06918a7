#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "aws/service_error.h"
#include "base/clock.h"
#include "catalog/crawl_options.h"
#include "catalog/json_reader.h"

namespace ticklake::catalog {

/// A Glue crawler and its crawls as values. An empty text is an absent one.

struct S3Target {
  std::string path;  ///< `s3://bucket/prefix`
  std::vector<std::string> exclusions = {};
  std::optional<int64_t> sample_size = {};
  std::string connection = {};
};

struct CatalogTarget {
  std::string database;
  std::vector<std::string> tables;
};

enum class CrawlerState : uint8_t { kReady, kRunning, kStopping };
/// Of a crawl. kStopped is CANCELLED where the crawler tells of its last one.
enum class CrawlState : uint8_t { kRunning, kCompleted, kFailed, kStopped };

struct LastCrawl {
  CrawlState state = CrawlState::kCompleted;
  std::string error = {};
  std::string message_prefix;  ///< the crawl's id
  base::WallTime started{};
};

struct Crawler {
  std::string name;
  std::string role;
  std::string database = {};
  std::string description = {};
  std::vector<S3Target> s3_targets = {};
  std::vector<CatalogTarget> catalog_targets = {};
  std::string table_prefix = {};
  std::string schedule = {};  ///< `cron(…)`
  bool is_scheduled = true;
  std::vector<std::string> classifiers = {};
  std::string update_behavior = "UPDATE_IN_DATABASE";
  std::string delete_behavior = "DEPRECATE_IN_DATABASE";
  std::string recrawl_behavior = "CRAWL_EVERYTHING";
  std::string lineage = "DISABLE";
  std::string configuration = {};  ///< a JSON text
  std::string security_configuration = {};
  std::map<std::string, std::string> tags = {};
  // Set by Crawlers:
  CrawlerState state = CrawlerState::kReady;
  base::WallTime created{};
  base::WallTime updated{};
  int64_t version = 1;
  std::optional<base::WallTime> started = {};  ///< of the crawl that runs
  std::optional<LastCrawl> last = {};
};

struct CrawlRecord {
  std::string id;
  CrawlState state = CrawlState::kRunning;
  base::WallTime started{};
  std::optional<base::WallTime> ended = {};
  std::string summary = {};  ///< JSON
  std::string error = {};
  int64_t tables_created = 0, tables_updated = 0, tables_deleted = 0;
};

inline constexpr const char* kCrawlerLogGroup = "/aws-glue/crawlers";

/// Glue's Crawler. `now` is for the time that it has been running.
nlohmann::json to_json(const Crawler& crawler, base::WallTime now);
/// Glue's CrawlerHistory.
nlohmann::json to_json(const CrawlRecord& crawl, const std::string& crawler);

/// Of CreateCrawler and UpdateCrawler: changes what the request names. What cannot be served here
/// is refused by name: InvalidInputException.
aws::Answer<void> apply_crawler_input(const nlohmann::json& input, Crawler& crawler);
/// What the crawler is to do with what it finds; InvalidInputException for what does not go
/// together.
aws::Answer<CrawlPolicy> policy_of(const Crawler& crawler);

/// How both stand in the file.
std::string kept_text(const Crawler& crawler);
aws::Answer<Crawler> parse_crawler(std::string_view text);
std::string kept_text(const CrawlRecord& crawl);
aws::Answer<CrawlRecord> parse_crawl(std::string_view text);

/// `s3://bucket/prefix` cut in two; none if it is no such path.
std::optional<std::pair<std::string, std::string>> split_s3_path(std::string_view path);

std::string_view state_name(CrawlerState state);
std::string_view state_name(CrawlState state);

}  // namespace ticklake::catalog
