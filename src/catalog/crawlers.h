#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/sqlite_documents.h"
#include "catalog/catalog.h"
#include "catalog/crawl.h"
#include "catalog/crawler.h"
#include "catalog/object_source.h"

namespace ticklake::catalog {

struct CrawlersSeams {
  Catalog& catalog;
  ObjectSource& source;
  base::FileSystem& files;
  const base::Clock& clock;
  base::Logger& log;
  uint64_t seed = 0;  ///< for the ids of crawls
  /// Whether the crawler, by its role, may read below `prefix` of a bucket; asked at each crawl.
  /// Null: all of them may.
  std::function<aws::Answer<void>(const Crawler&, std::string_view bucket, std::string_view prefix)>
      may_read = {};
};

/// Glue's crawlers: what they are, in an SQLite file, and their crawls, in the background. Safe
/// from any thread; survives restarts, at which a crawl that ran has failed.
///
/// Refusals: EntityNotFoundException, AlreadyExistsException, InvalidInputException,
/// CrawlerRunningException, CrawlerNotRunningException, CrawlerStoppingException.
class Crawlers {
 public:
  static base::Result<std::unique_ptr<Crawlers>> open(const base::Path& path, CrawlersSeams seams);
  /// Stops the crawls that run, and waits for them.
  ~Crawlers();

  aws::Answer<void> create(Crawler crawler);
  aws::Answer<Crawler> get(std::string_view name);
  /// By name.
  aws::Answer<Page<Crawler>> list(const PageRequest& page,
                                  const std::function<bool(const Crawler&)>& accepts = {});
  /// `change` may refuse.
  aws::Answer<void> update(std::string_view name,
                           const std::function<aws::Answer<void>(Crawler&)>& change);
  aws::Answer<void> remove(std::string_view name);

  /// RUNNING when it returns.
  aws::Answer<void> start(std::string_view name);
  aws::Answer<void> stop(std::string_view name);

  /// Newest first.
  aws::Answer<Page<CrawlRecord>> crawls(
      std::string_view name, const PageRequest& page,
      const std::function<bool(const CrawlRecord&)>& accepts = {});
  /// What a crawl decided, a line a decision; empty while it runs.
  aws::Answer<std::string> report(std::string_view crawl_id);

  /// Waits until no crawl runs; for tests and the command line.
  void wait_until_idle();

 private:
  struct Job {
    std::string crawler;
    CrawlRecord record;
    std::stop_source stop;
  };

  Crawlers(base::SqliteDocuments documents, CrawlersSeams seams);
  base::Result<void> recover();

  // With mutex_ held.
  aws::Answer<Crawler> find(std::string_view name);
  aws::Answer<void> put(const Crawler& crawler);
  aws::Answer<void> put(const std::string& crawler, const CrawlRecord& crawl);
  aws::Answer<void> in_transaction(const std::function<aws::Answer<void>()>& change);
  std::string new_id();

  void work(const std::stop_token& stop);
  void keep_schedules(const std::stop_token& stop);
  void start_due(base::WallTime minute);
  void run(const std::shared_ptr<Job>& job);
  base::Result<void> crawl_now(const Crawler& crawler, const Job& job, CrawlReport& report);
  base::Result<std::vector<CrawlTarget>> targets_of(const Crawler& crawler);
  void finish(Job& job, const base::Result<void>& outcome, const CrawlReport& report);

  const CrawlersSeams seams_;
  std::mutex mutex_;  ///< guards all below
  std::condition_variable_any changed_;
  base::SqliteDocuments documents_;
  base::Random random_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::map<std::string, std::shared_ptr<Job>> running_;  ///< and waiting; by crawler
  std::vector<std::jthread> threads_;
};

}  // namespace ticklake::catalog
