#include "table/database.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace ticklake::table {
namespace {

TEST(Database, a_statement_gives_its_rows) {
  auto database = Database::open({}).value();
  auto connection = database.connect().value();
  auto result = connection.query("CREATE TABLE t AS SELECT 42 AS answer; SELECT * FROM t").value();
  EXPECT_EQ(result.column_name(0), "answer");
  EXPECT_EQ(result.single_integer().value(), 42);
}

TEST(Database, a_wrong_statement_says_why) {
  auto database = Database::open({}).value();
  auto connection = database.connect().value();
  auto result = connection.query("SELECT * FROM nowhere");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_NE(result.error().cause.find("nowhere"), std::string::npos);
  EXPECT_FALSE(connection.stream("SELECT * FROM nowhere"));
}

TEST(Database, a_streamed_result_gives_all_rows) {
  auto database = Database::open({.threads = 2}).value();
  auto connection = database.connect().value();
  auto result = connection.stream("SELECT * FROM range(100000)").value();
  size_t rows = 0;
  for (;;) {
    auto chunk = result.next_chunk().value();
    if (!chunk) break;
    rows += chunk.rows();
  }
  EXPECT_EQ(rows, 100000u);
}

TEST(Database, a_running_query_can_be_interrupted) {
  auto database = Database::open({.threads = 2}).value();
  auto connection = database.connect().value();
  std::atomic<bool> done = false;
  std::thread interrupter([&] {
    while (!done)
      connection.interrupt();
  });
  auto result =
      connection.query("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b");
  done = true;
  interrupter.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kInterrupted);
}

TEST(Database, locked_down_it_reads_only_the_allowed_folders) {
  base::TemporaryFolder inside;
  base::TemporaryFolder outside;
  auto database = Database::open({.allowed_folders = {inside.path()}}).value();
  auto connection = database.connect().value();
  const std::string good = (inside.path() / "a.parquet").string();
  EXPECT_TRUE(connection.query("COPY (SELECT 1 AS x) TO " + sql_literal(good)));
  EXPECT_TRUE(connection.query("SELECT * FROM read_parquet(" + sql_literal(good) + ")"));
  const std::string bad = (outside.path() / "b.parquet").string();
  auto refused = connection.query("COPY (SELECT 1 AS x) TO " + sql_literal(bad));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kPermission);
  EXPECT_FALSE(connection.query("SET enable_external_access = true"));
}

TEST(Database, the_session_is_in_utc) {
  auto database = Database::open({}).value();
  auto connection = database.connect().value();
  auto result = connection.query("SELECT (current_setting('TimeZone') = 'UTC')::INTEGER").value();
  EXPECT_EQ(result.single_integer().value(), 1);
}

}  // namespace
}  // namespace ticklake::table
