#pragma once

#include <gtest/gtest.h>

#include "aws/identities_test_bed.h"
#include "query/executions/executions.h"
#include "table/database.h"

namespace ticklake::query::executions {

/// A live table as src/table lays it out.
inline constexpr const char* kLiveTables = R"sql(
CREATE SCHEMA wide;
CREATE SCHEMA placed;
CREATE TABLE main.hot AS SELECT i AS price, 'AAPL' AS symbol, i AS _offset FROM range(3) r(i);
CREATE VIEW wide.trades AS SELECT price, symbol, _offset, '2026-01-01' AS dt FROM main.hot;
CREATE VIEW placed.trades AS SELECT * FROM wide.trades;
CREATE VIEW main.trades AS SELECT price, symbol FROM main.hot;
)sql";

/// Executions over buckets, a catalog and a database with a live table, for tests.
class ExecutionsTestBed {
 public:
  ExecutionsTestBed() {
    open_store();
    auto opened = table::Database::open({.threads = 2});
    EXPECT_TRUE(opened);
    database.emplace(std::move(*opened));
    auto connection = database->connect();
    auto filled = connection->query(kLiveTables);
    EXPECT_TRUE(filled) << filled.error().cause;
    EXPECT_TRUE(database->lock_down({folder.path() / "buckets"}));
    engine.emplace(*database, clock);
    auto made = catalog::Catalog::open(files, folder.path() / "catalog.db", clock);
    EXPECT_TRUE(made);
    metadata = std::move(*made);
    open();
    EXPECT_TRUE(buckets->create_bucket("data"));
    root = identities.principal_of(
        {identities.store->first_key()->id, identities.store->first_key()->secret});
  }

  /// As after a restart.
  void open(ExecutionsOptions options = {}) {
    executions.reset();
    auto opened = Executions::open({*engine, *metadata, *buckets, *identities.access, files, clock,
                                    *logger, base::system_secret_random(), 10},
                                   folder.path() / "executions.db", std::move(options));
    EXPECT_TRUE(opened) << base::to_text(opened.error());
    executions = std::move(*opened);
  }

  void put(const std::string& key, const std::string& text) {
    const auto done = buckets->put_text("data", key, text);
    EXPECT_TRUE(done) << base::to_text(done.error());
  }
  std::string get(const std::string& location) {
    const auto at = S3Location::parse(location);
    if (!at) return "(no location: " + location + ")";
    const auto text = buckets->get_text(at->bucket, at->key, 1 << 20);
    return text ? *text : base::to_line(text.error());
  }

  Caller caller(const aws::Principal& principal) const {
    return {principal, aws::RequestContext{.now = clock.wall_now()}, "us-east-1"};
  }
  /// Runs a statement to its end.
  Execution run(const std::string& sql, std::vector<std::string> parameters = {},
                const aws::Principal* who = nullptr) {
    StartRequest request{.sql = sql, .database = "default"};
    request.parameters = std::move(parameters);
    request.caller = caller(who != nullptr ? *who : root);
    const auto id = executions->start(std::move(request));
    if (!id) {
      ADD_FAILURE() << id.error().message;
      return {};
    }
    return wait(*id);
  }
  Execution wait(const std::string& id) {
    while (true) {
      const auto execution = executions->look(id);
      if (!execution) {
        ADD_FAILURE() << execution.error().message;
        return {};
      }
      if (is_final(execution->state)) return *execution;
      std::this_thread::yield();
    }
  }
  /// The rows of a statement, cells joined by '|', or why it failed.
  std::string rows(const std::string& sql, std::vector<std::string> parameters = {},
                   const aws::Principal* who = nullptr) {
    const Execution execution = run(sql, std::move(parameters), who);
    if (execution.state != ExecutionState::kSucceeded) return execution.reason;
    return results(execution, who);
  }
  std::string results(const Execution& execution, const aws::Principal* who = nullptr) {
    const Caller asking = caller(who != nullptr ? *who : root);
    const CallerRights rights(*identities.access, asking);
    const auto page = executions->results(execution, rights, 1000, {});
    if (!page) return page.error().message;
    std::string text;
    for (size_t i = execution.has_header ? 1 : 0; i < page->rows.size(); ++i) {
      std::string line;
      for (const auto& cell : page->rows[i])
        line += (line.empty() ? "" : "|") + cell.value_or("NULL");
      text += (text.empty() ? "" : "\n") + line;
    }
    return text;
  }

  base::TemporaryFolder folder;
  base::PosixFileSystem files;
  base::SystemClock clock;
  std::shared_ptr<base::Logger> logger = base::make_null_logger();
  aws::IdentitiesTestBed identities;
  aws::Principal root;
  std::unique_ptr<lake::BucketStore> buckets;
  std::optional<table::Database> database;
  std::optional<QueryEngine> engine;
  std::unique_ptr<catalog::Catalog> metadata;
  std::unique_ptr<Executions> executions;

 private:
  void open_store() {
    auto opened = lake::BucketStore::open({.folder = folder.path() / "buckets"}, files, clock,
                                          base::system_secret_random(), *logger);
    ASSERT_TRUE(opened) << base::to_text(opened.error());
    buckets = std::move(*opened);
  }
};

}  // namespace ticklake::query::executions
