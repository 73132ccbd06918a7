#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "aws/json_client.h"
#include "catalog/crawler_messages.h"
#include "catalog/model.h"

namespace ticklake::catalog {

/// How long to wait between two looks at a crawler.
inline constexpr std::chrono::milliseconds kCrawlerPollDelay{200};
inline constexpr std::chrono::milliseconds kCrawlerPollDelayMax{5'000};

/// AWS Glue's crawlers, and what they leave in its catalog. Source: AWS Glue Web API Reference. One
/// thread at a time.
class GlueClient {
 public:
  /// `client` is of aws::kGlue.
  GlueClient(aws::JsonClient client, aws::Wait wait)
      : client_(std::move(client)), wait_(std::move(wait)) {}

  aws::CallResult<CrawlerStatus> get_crawler(const std::string& name, const std::stop_token& stop);
  /// AlreadyExistsException if there is one of that name.
  aws::CallResult<void> create_crawler(const CreateCrawler& crawler, const std::stop_token& stop);
  /// CrawlerRunningException if it runs.
  aws::CallResult<void> start_crawler(const std::string& name, const std::stop_token& stop);
  /// CrawlerNotRunningException if it does not run.
  aws::CallResult<void> stop_crawler(const std::string& name);
  /// Looks at it until it is READY. `changed` is told each state that is new. kInterrupted if the
  /// stop is requested: the crawler goes on.
  base::Result<CrawlerStatus> wait_until_ready(
      const std::string& name, const std::function<void(const std::string& state)>& changed,
      const std::stop_token& stop);
  /// The newest crawls first; a page of them.
  aws::CallResult<std::vector<CrawlInfo>> crawls(const std::string& crawler,
                                                 const std::stop_token& stop);

  /// All of a database.
  base::Result<std::vector<Table>> tables(const std::string& database, const std::stop_token& stop);
  base::Result<size_t> count_partitions(const Table& table, const std::stop_token& stop);

 private:
  aws::JsonClient client_;
  const aws::Wait wait_;
};

}  // namespace ticklake::catalog
