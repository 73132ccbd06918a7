#include "table/memory_guard.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/resident_memory.h"
#include "table/database.h"

namespace ticklake::table {
namespace {

constexpr int64_t kMiB = 1 << 20;

/// A guard that leaves queries `bytes` more than is allocated now.
MemoryGuard guard_of(int64_t bytes) {
  const int64_t now = allocated_bytes();
  return MemoryGuard(static_cast<uint64_t>(now + bytes),
                     [now] { return static_cast<uint64_t>(now); });
}

TEST(MemoryGuard, what_is_allocated_is_counted_until_it_is_released) {
  const int64_t before = allocated_bytes();
  auto text = std::make_unique<std::string>(8 * kMiB, 'x');
  EXPECT_NEAR(allocated_bytes() - before, 8 * kMiB, kMiB);
  text.reset();
  EXPECT_NEAR(allocated_bytes() - before, 0, kMiB);
}

TEST(MemoryGuard, what_duckdb_allocates_is_counted_too) {
  auto database = Database::open({.threads = 1}).value();
  auto connection = database.connect().value();
  const int64_t before = allocated_bytes();
  auto result = connection.query("SELECT repeat('x', 50000000) AS text").value();
  EXPECT_GT(allocated_bytes() - before, 40 * kMiB);
}

TEST(MemoryGuard, a_query_is_refused_what_passes_the_limit_and_others_are_not) {
  const MemoryGuard guard = guard_of(32 * kMiB);
  const auto allocate = [] { return std::string(64 * kMiB, 'x').size(); };
  EXPECT_EQ(allocate(), 64 * kMiB);
  {
    const QueryMemoryScope scope;
    EXPECT_THROW(allocate(), std::bad_alloc);
    { const QueryMemoryScope inner; }
    EXPECT_THROW(allocate(), std::bad_alloc);
    EXPECT_EQ(std::string(8 * kMiB, 'x').size(), 8 * kMiB);
    std::thread([&] { EXPECT_EQ(allocate(), 64 * kMiB); }).join();
  }
  EXPECT_EQ(allocate(), 64 * kMiB);
}

TEST(MemoryGuard, without_a_guard_nothing_is_refused_but_what_is_too_much_at_once) {
  const QueryMemoryScope scope;
  EXPECT_EQ(std::string(64 * kMiB, 'x').size(), 64 * kMiB);
  EXPECT_THROW(std::string(300 * kMiB, 'x'), std::bad_alloc);
}

TEST(MemoryGuard, duckdb_reports_what_it_was_refused_and_goes_on) {
  auto database = Database::open({.threads = 2}).value();
  auto connection = database.connect().value();
  const MemoryGuard guard = guard_of(64 * kMiB);
  const QueryMemoryScope scope;
  for (const char* sql :
       {"SELECT repeat('x', 100000000)", "SELECT len(list_transform(range(3000000), x -> [x]))",
        "SELECT median(i) FROM range(100000000) t(i)",
        "SELECT mode(hash(i)) FROM range(100000000) t(i)",
        "SELECT len(list(i)) FROM range(100000000) t(i)"}) {
    auto refused = connection.query(sql);
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().code, base::ErrorCode::kNoSpace) << sql << refused.error().cause;
    EXPECT_EQ(connection.query("SELECT 6 * 7").value().single_integer().value(), 42) << sql;
  }
}

TEST(MemoryGuard, rows_can_be_added_while_queries_have_all_of_duckdbs_memory) {
  auto database = Database::open({.memory_bytes_max = 32 << 20, .threads = 1}).value();
  auto connection = database.connect().value();
  {
    const QueryMemoryScope scope;
    bool has_room = true;
    for (int i = 0; has_room; ++i) {
      ASSERT_LT(i, 100);
      has_room = connection
                     .query("CREATE TABLE filler_" + std::to_string(i) +
                            " AS SELECT hash(i) AS value FROM range(500000) t(i)")
                     .has_value();
    }
  }
  EXPECT_TRUE(
      connection.query("CREATE TABLE t AS SELECT hash(i) AS value FROM range(4000000) t(i)"));
  EXPECT_EQ(connection.query("SELECT count(*) FROM t").value().single_integer().value(), 4'000'000);
}

TEST(MemoryGuard, it_sees_what_is_resident_for_other_reasons) {
  const int64_t now = allocated_bytes();
  int64_t other = 0;
  MemoryGuard guard(static_cast<uint64_t>(now + 128 * kMiB),
                    [&] { return static_cast<uint64_t>(now + other); });
  const QueryMemoryScope scope;
  EXPECT_EQ(std::string(64 * kMiB, 'x').size(), 64 * kMiB);
  other = 100 * kMiB;
  EXPECT_TRUE(guard.measure());
  EXPECT_THROW(std::string(64 * kMiB, 'x'), std::bad_alloc);
  other = 300 * kMiB;
  EXPECT_FALSE(guard.measure());
}

TEST(ResidentMemory, it_grows_by_what_is_touched) {
  const base::ResidentMemory memory;
  const uint64_t before = memory.bytes();
  ASSERT_GT(before, uint64_t{kMiB});
  const std::string text(64 * kMiB, 'x');
  EXPECT_GT(memory.bytes(), before + 48 * kMiB);
  EXPECT_EQ(text.back(), 'x');
}

}  // namespace
}  // namespace ticklake::table
