#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/message_writer.h"
#include "catalog/crawler.h"

namespace ticklake::catalog {

/// The messages of Glue about crawlers that are both served and called, each described once: see
/// aws/message_writer.h. Names and limits are those of botocore's model of glue/2017-03-31.

inline constexpr size_t kTargetsMax = 1'000;

template <typename Members, typename M>
requires aws::IsMessage<M, S3Target>
void describe(Members& members, M& message) {
  members.text("Path", message.path, {1, 2'048});
  members.texts("Exclusions", message.exclusions, {}, kTargetsMax);
  members.optional_integer("SampleSize", message.sample_size, 1, 249);
  members.text_or_empty("ConnectionName", message.connection);
}

struct CrawlerTargets {
  std::vector<S3Target> s3 = {};
};
template <typename Members, typename M>
requires aws::IsMessage<M, CrawlerTargets>
void describe(Members& members, M& message) { members.list("S3Targets", message.s3, kTargetsMax); }

/// The request of GetCrawler, StartCrawler, StopCrawler.
struct CrawlerName {
  std::string name;
};
template <typename Members, typename M>
requires aws::IsMessage<M, CrawlerName>
void describe(Members& members, M& message) { members.text("Name", message.name, {1, 255}); }

struct CreateCrawler {
  std::string name;
  std::string role;
  std::string database = {};
  CrawlerTargets targets = {};
  std::string table_prefix = {};
  std::string configuration = {};  ///< a JSON text
};
template <typename Members, typename M>
requires aws::IsMessage<M, CreateCrawler>
void describe(Members& members, M& message) {
  members.text("Name", message.name, {1, 255});
  members.text("Role", message.role, {1, 2'048});
  members.text_or_empty("DatabaseName", message.database);
  members.object("Targets", message.targets);
  members.text_or_empty("TablePrefix", message.table_prefix, {0, 128});
  members.text_or_empty("Configuration", message.configuration);
}

struct LastCrawlInfo {
  std::string status;  ///< SUCCEEDED, CANCELLED, FAILED
  std::string error = {};
  std::string log_group = {};
  std::string log_stream = {};
  std::string message_prefix = {};
  std::optional<base::WallTime> started = {};
};
template <typename Members, typename M>
requires aws::IsMessage<M, LastCrawlInfo>
void describe(Members& members, M& message) {
  members.text("Status", message.status);
  members.text_or_empty("ErrorMessage", message.error);
  members.text_or_empty("LogGroup", message.log_group);
  members.text_or_empty("LogStream", message.log_stream);
  members.text_or_empty("MessagePrefix", message.message_prefix);
  members.optional_time("StartTime", message.started);
}

/// What of a Crawler tells how it is doing.
struct CrawlerStatus {
  std::string name;
  std::string database = {};
  std::string table_prefix = {};
  CrawlerTargets targets = {};
  std::string state;  ///< READY, RUNNING, STOPPING
  int64_t elapsed_ms = 0;
  std::optional<LastCrawlInfo> last = {};
};
template <typename Members, typename M>
requires aws::IsMessage<M, CrawlerStatus>
void describe(Members& members, M& message) {
  members.text("Name", message.name);
  members.text_or_empty("DatabaseName", message.database);
  members.text_or_empty("TablePrefix", message.table_prefix);
  members.object("Targets", message.targets);
  members.text("State", message.state);
  members.integer("CrawlElapsedTime", message.elapsed_ms);
  members.optional_object("LastCrawl", message.last);
}

/// The answer of GetCrawler.
struct CrawlerAnswer {
  CrawlerStatus crawler = {};
};
template <typename Members, typename M>
requires aws::IsMessage<M, CrawlerAnswer>
void describe(Members& members, M& message) { members.object("Crawler", message.crawler); }

/// CrawlerHistory.
struct CrawlInfo {
  std::string id;
  std::string state;  ///< RUNNING, COMPLETED, FAILED, STOPPED
  std::optional<base::WallTime> started = {};
  std::optional<base::WallTime> ended = {};
  std::string summary = {};  ///< a JSON text: {"TABLE": {"ADD": 1, …}, "PARTITION": …}
  std::string error = {};
  std::string log_group = {};
  std::string log_stream = {};
  std::string message_prefix = {};
};
template <typename Members, typename M>
requires aws::IsMessage<M, CrawlInfo>
void describe(Members& members, M& message) {
  members.text("CrawlId", message.id);
  members.text("State", message.state);
  members.optional_time("StartTime", message.started);
  members.optional_time("EndTime", message.ended);
  members.text_or_empty("Summary", message.summary);
  members.text_or_empty("ErrorMessage", message.error);
  members.text_or_empty("LogGroup", message.log_group);
  members.kept_text("LogStream", message.log_stream);
  members.text_or_empty("MessagePrefix", message.message_prefix);
}

}  // namespace ticklake::catalog
