#include "catalog/crawlers.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "catalog/cron.h"

namespace ticklake::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A folder whose listing can be held up, so that a crawl runs as long as a test wants.
class HeldSource final : public ObjectSource {
 public:
  explicit HeldSource(base::Path folder) : folder_(std::move(folder)) {}

  base::Result<void> list(std::string_view bucket, std::string_view prefix,
                          const std::function<bool(const SourceObject&)>& take) override {
    {
      std::unique_lock lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !is_held_; });
    }
    return folder_.list(bucket, prefix, take);
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    is_held_ = true;
    waiting_ = 0;
  }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    is_held_ = false;
    changed_.notify_all();
  }

 private:
  FolderSource folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  int waiting_ = 0;
};

class CrawlersTest : public testing::Test {
 protected:
  void SetUp() override {
    catalog_ = Catalog::open(files_, folder_.path() / "catalog.db", clock_).value();
    ASSERT_TRUE(files_.make_folders(bucket_ / "t"));
    ASSERT_TRUE(replace_text(files_, bucket_ / "t" / "f.json", R"({"a": 1})"));
    reopen();
  }
  void TearDown() override {
    source_.release();
    crawlers_.reset();
  }
  void reopen() {
    crawlers_.reset();
    auto opened = Crawlers::open(folder_.path() / "crawlers.db", {.catalog = *catalog_,
                                                                  .source = source_,
                                                                  .files = files_,
                                                                  .clock = clock_,
                                                                  .log = *log_,
                                                                  .seed = ++seed_});
    ASSERT_TRUE(opened) << to_text(opened.error());
    crawlers_ = std::move(*opened);
  }
  static Crawler crawler(std::string path = "s3://b/t") {
    Crawler crawler;
    crawler.name = "c";
    crawler.role = "role";
    crawler.database = "default";
    crawler.s3_targets = {{.path = std::move(path)}};
    return crawler;
  }
  template <typename T>
  static std::string code(const aws::Answer<T>& answer) {
    return answer ? "" : answer.error().code;
  }
  CrawlRecord last_crawl() { return crawlers_->crawls("c", {}).value().items.at(0); }

  base::TemporaryFolder folder_;
  base::Path bucket_ = folder_.path() / "b";
  base::PosixFileSystem files_;
  base::SystemClock clock_;
  std::shared_ptr<base::Logger> log_ = base::make_null_logger();
  HeldSource source_{bucket_};
  uint64_t seed_ = 0;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Crawlers> crawlers_;
};

TEST_F(CrawlersTest, ACrawlerRunsAndIsReadyAgain) {
  ASSERT_TRUE(crawlers_->create(crawler()));
  EXPECT_FALSE(crawlers_->get("c").value().last);
  ASSERT_TRUE(crawlers_->start("c"));
  crawlers_->wait_until_idle();
  const Crawler after = crawlers_->get("c").value();
  EXPECT_EQ(after.state, CrawlerState::kReady);
  ASSERT_TRUE(after.last);
  EXPECT_EQ(after.last->state, CrawlState::kCompleted) << after.last->error;
  EXPECT_TRUE(catalog_->get_table("default", "t"));
  EXPECT_EQ(last_crawl().tables_created, 1);
  EXPECT_EQ(last_crawl().id, after.last->message_prefix);
  EXPECT_THAT(crawlers_->report(last_crawl().id).value(), HasSubstr("create table: t"));
}

TEST_F(CrawlersTest, WhatRunsIsNotStartedChangedOrDeleted) {
  ASSERT_TRUE(crawlers_->create(crawler()));
  source_.hold();
  ASSERT_TRUE(crawlers_->start("c"));
  source_.wait_until_held();
  EXPECT_EQ(crawlers_->get("c").value().state, CrawlerState::kRunning);
  EXPECT_EQ(last_crawl().state, CrawlState::kRunning);
  EXPECT_EQ(code(crawlers_->start("c")), "CrawlerRunningException");
  EXPECT_EQ(code(crawlers_->remove("c")), "CrawlerRunningException");
  EXPECT_EQ(code(crawlers_->update("c", [](Crawler&) { return aws::Answer<void>(); })),
            "CrawlerRunningException");
  source_.release();
  crawlers_->wait_until_idle();
  EXPECT_TRUE(crawlers_->remove("c"));
  EXPECT_EQ(code(crawlers_->start("c")), "EntityNotFoundException");
}

TEST_F(CrawlersTest, AStoppedCrawlIsCancelled) {
  ASSERT_TRUE(crawlers_->create(crawler()));
  EXPECT_EQ(code(crawlers_->stop("c")), "CrawlerNotRunningException");
  source_.hold();
  ASSERT_TRUE(crawlers_->start("c"));
  source_.wait_until_held();
  EXPECT_TRUE(crawlers_->stop("c"));
  EXPECT_EQ(crawlers_->get("c").value().state, CrawlerState::kStopping);
  EXPECT_EQ(code(crawlers_->stop("c")), "CrawlerStoppingException");
  source_.release();
  crawlers_->wait_until_idle();
  EXPECT_EQ(crawlers_->get("c").value().state, CrawlerState::kReady);
  EXPECT_EQ(crawlers_->get("c").value().last->state, CrawlState::kStopped);
  EXPECT_EQ(code(catalog_->get_table("default", "t")), "EntityNotFoundException");
}

TEST_F(CrawlersTest, WhatCannotBeReadFailsTheCrawlAndSaysWhy) {
  ASSERT_TRUE(crawlers_->create(crawler("s3://b/none")));
  ASSERT_TRUE(crawlers_->start("c"));
  crawlers_->wait_until_idle();
  EXPECT_EQ(crawlers_->get("c").value().last->state, CrawlState::kFailed);
  EXPECT_NE(last_crawl().error, "");
}

TEST_F(CrawlersTest, ARestartKeepsCrawlersAndFailsWhatRan) {
  Crawler made = crawler();
  made.table_prefix = "p_";
  made.configuration = R"({"Version":1.0,"Grouping":{"TableLevelConfiguration":2}})";
  made.schedule = "cron(0 3 * * ? *)";
  made.tags = {{"team", "x"}};
  ASSERT_TRUE(crawlers_->create(made));
  ASSERT_TRUE(crawlers_->start("c"));
  crawlers_->wait_until_idle();
  // As a crash leaves it: the crawl is still said to run.
  source_.hold();
  ASSERT_TRUE(crawlers_->start("c"));
  source_.wait_until_held();
  // The file and its write-ahead log.
  for (const char* end : {"", "-wal"}) {
    std::filesystem::copy(folder_.path() / (std::string("crawlers.db") + end),
                          folder_.path() / (std::string("crashed.db") + end));
  }
  source_.release();
  crawlers_.reset();
  for (const char* end : {"", "-wal"}) {
    std::filesystem::rename(folder_.path() / (std::string("crashed.db") + end),
                            folder_.path() / (std::string("crawlers.db") + end));
  }
  reopen();
  const Crawler after = crawlers_->get("c").value();
  EXPECT_EQ(after.state, CrawlerState::kReady);
  EXPECT_EQ(after.last->state, CrawlState::kFailed);
  EXPECT_EQ(after.table_prefix, "p_");
  EXPECT_EQ(after.configuration, made.configuration);
  EXPECT_EQ(after.schedule, made.schedule);
  EXPECT_EQ(after.tags, made.tags);
  const auto crawls = crawlers_->crawls("c", {}).value().items;
  ASSERT_EQ(crawls.size(), 2);
  EXPECT_EQ(crawls[0].state, CrawlState::kFailed);
  EXPECT_EQ(crawls[1].state, CrawlState::kCompleted);
}

TEST_F(CrawlersTest, CrawlsAreListedNewestFirstInPages) {
  ASSERT_TRUE(crawlers_->create(crawler()));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(crawlers_->start("c"));
    crawlers_->wait_until_idle();
  }
  std::vector<std::string> ids;
  PageRequest request{2, {}};
  do {
    const auto page = crawlers_->crawls("c", request).value();
    for (const CrawlRecord& crawl : page.items)
      ids.push_back(crawl.id);
    request.token = page.next_token;
  } while (!request.token.empty());
  ASSERT_EQ(ids.size(), 3);
  EXPECT_EQ(ids[0], last_crawl().id);
}

TEST_F(CrawlersTest, AnExistingTableIsCrawledByItsName) {
  ASSERT_TRUE(crawlers_->create(crawler()));
  ASSERT_TRUE(crawlers_->start("c"));
  crawlers_->wait_until_idle();
  ASSERT_TRUE(replace_text(files_, bucket_ / "t" / "g.json", R"({"b": "x"})"));
  Crawler other = crawler();
  other.name = "d";
  other.s3_targets.clear();
  other.catalog_targets = {{"default", {"t"}}};
  other.delete_behavior = "LOG";
  ASSERT_TRUE(crawlers_->create(other));
  ASSERT_TRUE(crawlers_->start("d"));
  crawlers_->wait_until_idle();
  EXPECT_EQ(crawlers_->get("d").value().last->error, "");
  EXPECT_EQ(catalog_->get_table("default", "t").value().storage->columns.size(), 2);
}

TEST(CrawlerInput, WhatCannotBeServedIsRefusedByName) {
  for (const auto& [text, part] : {
           std::pair(R"({"Role":"r","DatabaseName":"d","Targets":{}})", "at least one"),
           std::pair(R"({"Targets":{"S3Targets":[{"Path":"s3://b"}]}})", "DatabaseName"),
           std::pair(R"({"DatabaseName":"d","Targets":{"S3Targets":[{"Path":"/tmp"}]}})", "s3://"),
           std::pair(R"({"DatabaseName":"d","Targets":{"JdbcTargets":[{}]}})", "JdbcTargets"),
           std::pair(R"j({"DatabaseName":"d","Targets":{"S3Targets":[{"Path":"s3://b"}]},
                         "Schedule":"rate(5 minutes)"})j",
                     "Schedule"),
           std::pair(R"({"DatabaseName":"d","Targets":{"S3Targets":[{"Path":"s3://b"}]},
                         "RecrawlPolicy":{"RecrawlBehavior":"CRAWL_EVENT_MODE"}})",
                     "SQS"),
           std::pair(R"({"DatabaseName":"d","Targets":{"S3Targets":[{"Path":"s3://b"}]},
                         "RecrawlPolicy":{"RecrawlBehavior":"CRAWL_NEW_FOLDERS_ONLY"}})",
                     "LOG"),
           std::pair(R"({"DatabaseName":"d","Targets":{"S3Targets":[{"Path":"s3://b"}]},
                         "Configuration":"{"})",
                     "Configuration"),
           std::pair(R"({"DatabaseName":"d","Targets":{"S3Targets":[{"Path":"s3://b"}]},
                         "SchemaChangePolicy":{"UpdateBehavior":"MAYBE"}})",
                     "UpdateBehavior"),
       }) {
    Crawler crawler;
    const auto applied = apply_crawler_input(nlohmann::json::parse(text), crawler);
    ASSERT_FALSE(applied) << text;
    EXPECT_EQ(applied.error().code, "InvalidInputException");
    EXPECT_THAT(applied.error().message, HasSubstr(part));
  }
}

TEST(Cron, IsDueInItsMinutesInUtc) {
  const auto at = [](int minutes) { return base::WallTime(std::chrono::minutes(minutes)); };
  const auto daily = Cron::parse("cron(15 12 * * ? *)").value();
  EXPECT_TRUE(daily.is_due(at(12 * 60 + 15)));
  EXPECT_FALSE(daily.is_due(at(12 * 60 + 16)));
  EXPECT_FALSE(daily.is_due(at(15)));
  // 1970-01-01 was a Thursday.
  EXPECT_TRUE(Cron::parse("cron(0/15 0 ? jan THU 1970-1971)")->is_due(at(45)));
  EXPECT_FALSE(Cron::parse("cron(0 0 ? * MON-WED,FRI *)")->is_due(at(0)));
}

TEST(Cron, WhatIsNoScheduleIsRefused) {
  for (const char* text : {"", "cron()", "rate(1 day)", "cron(* * * * ? *)", "cron(0 25 * * ? *)",
                           "cron(0 0 L * ? *)", "cron(0 0 ? * 2#1 *)", "cron(0 0 * * ?)",
                           "cron(0/4 0 * * ? *)", "cron(0/0 0 * * ? *)", "cron(5-1 0 * * ? *)"}) {
    EXPECT_FALSE(Cron::parse(text)) << text;
  }
}

}  // namespace
}  // namespace ticklake::catalog
