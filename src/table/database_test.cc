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

TEST(Database, extensions_are_loaded_from_beside_the_library) {
  auto database = Database::open({}).value();
  for (const char* name : {"ducklake", "httpfs"}) {
    const auto loaded = database.load_extension(name);
    EXPECT_TRUE(loaded) << name << ": " << (loaded ? "" : loaded.error().cause);
  }
  const auto missing = database.load_extension("nowhere");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::ErrorCode::kNotFound);
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

TEST(Database, locked_down_it_sorts_more_than_its_memory_and_leaves_no_file) {
  base::TemporaryFolder inside;
  base::TemporaryFolder spill;
  auto database = Database::open({.memory_bytes_max = 128 << 20,
                                  .threads = 2,
                                  .spill_folder = spill.path(),
                                  .spill_bytes_max = 1 << 30,
                                  .allowed_folders = {inside.path()}})
                      .value();
  auto connection = database.connect().value();
  constexpr const char* kSort =
      "SELECT hash(i) AS key, repeat(hash(i)::VARCHAR, 15) AS text FROM range(1000000) t(i) "
      "ORDER BY key";
  uint64_t rows = 0;
  uint64_t last = 0;
  bool is_sorted = true;
  {
    auto result = connection.stream(kSort).value();
    while (auto chunk = result.next_chunk().value()) {
      // The first row of a sort is there when all of it was read, and hardly any was given yet.
      if (rows == 0) {
        EXPECT_FALSE(std::filesystem::is_empty(spill.path()));
      }
      const auto* keys = static_cast<const uint64_t*>(duckdb_vector_get_data(chunk.vector(0)));
      for (size_t row = 0; row < chunk.rows(); ++row) {
        is_sorted = is_sorted && last <= keys[row];
        last = keys[row];
      }
      rows += chunk.rows();
    }
  }
  EXPECT_EQ(rows, 1'000'000u);
  EXPECT_TRUE(is_sorted);
  EXPECT_TRUE(std::filesystem::is_empty(spill.path()));
}

TEST(Database, what_spills_has_a_limit) {
  base::TemporaryFolder spill;
  auto database = Database::open({.memory_bytes_max = 64 << 20,
                                  .threads = 2,
                                  .spill_folder = spill.path(),
                                  .spill_bytes_max = 1 << 20,
                                  .allowed_folders = {"/nonexistent"}})
                      .value();
  auto connection = database.connect().value();
  auto refused = connection.query(
      "SELECT hash(i) AS key, repeat(hash(i)::VARCHAR, 15) AS text FROM range(1000000) t(i) "
      "ORDER BY key");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kNoSpace);
  EXPECT_NE(refused.error().cause.find("max_temp_directory_size"), std::string::npos)
      << refused.error().cause;
  EXPECT_TRUE(connection.query("SELECT 1"));
}

TEST(Database, the_session_is_in_utc) {
  auto database = Database::open({}).value();
  auto connection = database.connect().value();
  auto result = connection.query("SELECT (current_setting('TimeZone') = 'UTC')::INTEGER").value();
  EXPECT_EQ(result.single_integer().value(), 1);
}

}  // namespace
}  // namespace ticklake::table
