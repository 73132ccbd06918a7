#include "table/live_table.h"

#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "lake/local_object_store.h"
#include "table/data_files.h"

namespace ticklake::table {
namespace {

constexpr int64_t kMidnight = 1'795'478'400'000'000;  // 2026-11-24T00:00:00Z

class LiveTableTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = lake::LocalObjectStore::open(files_, folder_.path() / "lake",
                                          lake::LocalObjectStore::Access::kReadWrite, 1)
                 .value();
    table_ = LiveTable::open(database_, *store_, clock_, "trades").value();
  }

  /// Appends one record a value, from the next offset of partition 0 on.
  size_t append(const std::vector<std::string>& values) {
    std::vector<SourceRecord> records;
    for (const std::string& value : values) {
      records.push_back({0, next_offset_++, kMidnight + next_offset_, value});
    }
    auto added = table_->append(
        "trades", records,
        [&](const SourceRecord&, const std::string& why) { rejections_.push_back(why); });
    if (!added) ADD_FAILURE() << base::to_text(added.error());
    return added.value_or(0);
  }

  int64_t integer(const std::string& sql) { return integer(database_, sql); }
  static int64_t integer(Database& database, const std::string& sql) {
    auto connection = database.connect().value();
    auto result = connection.query(sql);
    if (!result) {
      ADD_FAILURE() << base::to_text(result.error());
      return -1;
    }
    return result->single_integer().value();
  }

  /// Does what the sink does with the oldest frozen segment.
  void commit_oldest(lake::Encoding encoding = lake::Encoding::kParquet) {
    const SegmentInfo segment = table_->frozen().at(0);
    lake::ChainId chain{"trades", "0", 0};
    lake::BoundaryRecord record;
    record.start = table_->committed_end(chain);
    record.end = segment.ends.at(0);
    record.encoding = encoding;
    record.schema = segment.schema;
    const auto rejected = segment.rejected.find(0);
    if (rejected != segment.rejected.end()) {
      record.rejected = rejected->second.between(record.start, record.end);
    }
    const RowRange range{segment.hot_table, chain, record.start, record.end};
    auto connection = database_.connect().value();
    auto planned = plan_files(connection, range, encoding, "");
    ASSERT_TRUE(planned) << base::to_text(planned.error());
    record.files = *planned;
    ASSERT_TRUE(store_->put_if_absent(lake::record_key(chain, record.start), to_json(record)));
    for (const lake::DataFile& file : record.files) {
      auto written = write_file(connection, *store_, range, record, file);
      ASSERT_TRUE(written) << base::to_text(written.error());
    }
    auto timed = write_times(connection, *store_, range, kMidnight);
    ASSERT_TRUE(timed) << base::to_text(timed.error());
    const std::vector<CommittedRange> ranges = {
        {chain, record.end, {record}, {}, {store_->read_location(times_key(chain, record.start))}}};
    auto committed = table_->commit(segment.id, ranges);
    ASSERT_TRUE(committed) << base::to_text(committed.error());
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::SystemClock clock_;
  Database database_ = Database::open({.threads = 2}).value();
  std::unique_ptr<lake::LocalObjectStore> store_;
  std::unique_ptr<LiveTable> table_;
  std::vector<std::string> rejections_;
  int64_t next_offset_ = 0;
};

TEST_F(LiveTableTest, rows_are_in_sql_as_soon_as_they_are_appended) {
  append({R"({"symbol":"A","price":1.5,"size":3,"ok":true,"day":"2026-11-23",)"
          R"("event_time":"2026-11-24T00:15:03.123456Z","tags":[1, 2]})"});
  EXPECT_EQ(integer("SELECT count(*) FROM trades WHERE symbol = 'A' AND price = 1.5 AND size = 3 "
                    "AND ok AND day = DATE '2026-11-23' AND tags = '[1, 2]' "
                    "AND event_time = TIMESTAMP '2026-11-24 00:15:03.123456'"),
            1);
  EXPECT_EQ(integer("SELECT count(*) FROM wide.trades WHERE _topic = 'trades' AND _offset = 0 AND "
                    "_event_time = event_time AND _visible_time IS NOT NULL AND "
                    "_durable_time IS NULL AND dt = '2026-11-24'"),
            1);
}

TEST_F(LiveTableTest, committed_rows_move_to_files_and_stay_in_sql) {
  append({R"({"symbol":"A","size":1})", R"({"symbol":"B","size":2})"});
  ASSERT_TRUE(table_->freeze("trades"));
  append({R"({"symbol":"C","size":3})"});
  commit_oldest();
  EXPECT_EQ(integer("SELECT sum(size) FROM trades"), 6);
  EXPECT_EQ(table_->stats().lake.rows, 2u);
  EXPECT_EQ(table_->stats().rows_tail, 1u);
  const std::string glob = sql_literal((folder_.path() / "lake/trades/**").string());
  EXPECT_EQ(integer("SELECT sum(size) FROM read_parquet(" + glob + ")"), 3);
  EXPECT_EQ(integer("SELECT count(*) FROM wide.trades WHERE _durable_time IS NOT NULL AND "
                    "_visible_time >= TIMESTAMP '2020-01-01' AND dt = '2026-11-24'"),
            2);
}

TEST_F(LiveTableTest, a_lake_can_be_read_by_another_process) {
  append({R"({"symbol":"A","size":1})"});
  ASSERT_TRUE(table_->freeze("trades"));
  commit_oldest();
  append({R"({"symbol":"B","size":"much"})"});
  ASSERT_TRUE(table_->freeze("trades"));
  commit_oldest();
  auto other = Database::open({}).value();
  auto store = lake::LocalObjectStore::open(files_, folder_.path() / "lake",
                                            lake::LocalObjectStore::Access::kReadOnly)
                   .value();
  auto opened = open_lake(other, *store);
  ASSERT_TRUE(opened) << base::to_text(opened.error());
  EXPECT_EQ(integer(other, "SELECT count(*) FROM trades WHERE size IN ('1', 'much')"), 2);
  EXPECT_EQ(integer(other, "SELECT max(_offset) FROM wide.trades"), 1);
}

TEST_F(LiveTableTest, json_lines_give_the_same_rows) {
  append({R"({"symbol":"A","size":1,"moment":"2026-11-24T00:15:03.123456Z","day":"2026-11-24"})"});
  ASSERT_TRUE(table_->freeze("trades"));
  commit_oldest(lake::Encoding::kJsonLines);
  EXPECT_EQ(
      integer("SELECT count(*) FROM wide.trades WHERE size = 1 AND _offset = 0 AND "
              "moment = TIMESTAMP '2026-11-24 00:15:03.123456' AND day = DATE '2026-11-24' AND "
              "dt = '2026-11-24'"),
      1);
}

TEST_F(LiveTableTest, a_new_column_appears_and_old_rows_have_null) {
  append({R"({"a":1})"});
  append({R"({"a":2,"b":"x"})"});
  EXPECT_FALSE(table_->has_frozen());
  EXPECT_EQ(integer("SELECT count(*) FROM trades WHERE a = 1 AND b IS NULL"), 1);
  EXPECT_EQ(integer("SELECT count(*) FROM trades WHERE a = 2 AND b = 'x'"), 1);
}

TEST_F(LiveTableTest, int_widens_to_double_and_anything_else_to_text) {
  append({R"({"a":1,"b":1})"});
  append({R"({"a":2.5,"b":"x"})"});
  EXPECT_EQ(integer("SELECT count(*) FROM trades WHERE a IN (1.0, 2.5) AND b IN ('1', 'x')"), 2);
  EXPECT_EQ(integer("SELECT (typeof(a) = 'DOUBLE' AND typeof(b) = 'VARCHAR')::INTEGER FROM trades"),
            1);
  commit_oldest();
  EXPECT_EQ(integer("SELECT count(*) FROM trades WHERE a IN (1.0, 2.5) AND b IN ('1', 'x')"), 2);
}

TEST_F(LiveTableTest, what_is_no_object_is_rejected_with_a_reason) {
  const std::string deep = "{\"a\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  EXPECT_EQ(append({R"({"a":1})", "[1]", "", R"({"a":1} x)", R"({"a":[1,,2]})", "{\"a\":\"\xff\"}",
                    deep, R"({"a":1,})", R"({"a":nope})", R"({"a":2})"}),
            2u);
  EXPECT_EQ(rejections_.size(), 8u);
  EXPECT_EQ(integer("SELECT sum(a) FROM trades"), 3);
  EXPECT_EQ(integer("SELECT max(_offset) FROM wide.trades"), 9);
}

TEST_F(LiveTableTest, names_that_collide_become_columns_of_their_own) {
  append({R"({"price":1,"Price":2,"_offset":3,"dt":4,"":5})"});
  EXPECT_EQ(integer("SELECT count(*) FROM wide.trades WHERE price = 1 AND \"Price_\" = 2 AND "
                    "_offset_ = 3 AND dt_ = 4 AND \"column\" = 5 AND _offset = 0"),
            1);
}

TEST_F(LiveTableTest, columns_may_have_the_names_that_our_own_sql_uses) {
  append({R"({"day":1,"rows":2,"first_offset":3,"visible_time":4,"topic":5,"f":6,"t":7})"});
  ASSERT_TRUE(table_->freeze("trades"));
  commit_oldest();
  EXPECT_EQ(
      integer("SELECT count(*) FROM wide.trades WHERE day = 1 AND rows = 2 AND first_offset = "
              "3 AND visible_time = 4 AND topic = 5 AND f = 6 AND t = 7 AND _offset = 0 AND "
              "_visible_time IS NOT NULL"),
      1);
}

TEST_F(LiveTableTest, of_a_key_given_twice_the_last_value_counts) {
  append({R"({"a":1,"a":2})"});
  EXPECT_EQ(integer("SELECT a FROM trades"), 2);
}

TEST_F(LiveTableTest, a_thousand_columns_fit_and_one_more_is_rejected) {
  std::string wide = "{";
  for (size_t i = 0; i < lake::kColumnsMax; ++i) {
    wide += fmt::format("{}\"c{}\":{}", i == 0 ? "" : ",", i, i);
  }
  EXPECT_EQ(append({wide + "}"}), 1u);
  EXPECT_EQ(append({wide + ",\"one_more\":1}"}), 0u);
  ASSERT_EQ(rejections_.size(), 1u);
  EXPECT_NE(rejections_[0].find("one_more"), std::string::npos);
}

TEST_F(LiveTableTest, integers_beyond_64_bits_keep_their_digits) {
  append({R"({"id":12345678901234567890})"});
  EXPECT_EQ(integer("SELECT count(*) FROM trades WHERE id = '12345678901234567890'"), 1);
}

TEST_F(LiveTableTest, rows_of_another_sinks_longer_boundary_leave_the_tail) {
  append({R"({"a":1})", R"({"a":2})"});
  ASSERT_TRUE(table_->freeze("trades"));
  append({R"({"a":3})", R"({"a":4})"});
  const std::vector<CommittedRange> ranges = {{{"trades", "0", 0}, 3, {}, {}, {}}};
  ASSERT_TRUE(table_->commit(table_->frozen().at(0).id, ranges));
  EXPECT_EQ(integer("SELECT sum(a) FROM trades"), 4);
  next_offset_ = 2;
  EXPECT_EQ(append({R"({"a":3})"}), 0u) << "below the committed end";
}

TEST_F(LiveTableTest, a_forgotten_partition_leaves_the_tail) {
  append({R"({"a":1})"});
  ASSERT_TRUE(table_->freeze("trades"));
  append({R"({"a":2})"});
  ASSERT_TRUE(table_->forget("trades", 0));
  EXPECT_EQ(integer("SELECT count(*) FROM trades"), 0);
}

TEST_F(LiveTableTest, what_producers_take_for_milliseconds_is_a_row_all_the_same) {
  const std::string row = R"({"a":1})";
  std::vector<SourceRecord> records;
  for (const int64_t timestamp_ms :
       {int64_t{0}, int64_t{-86'400'000}, int64_t{1'795'478'400'000},
        int64_t{1'795'478'400'000'000}, int64_t{1'795'478'400'000'000'000}, INT64_MAX, INT64_MIN}) {
    records.push_back({0, next_offset_++, append_time_us_of(timestamp_ms), row});
  }
  ASSERT_TRUE(table_->append("trades", records, [](const SourceRecord&, const std::string&) {}));
  const std::string days =
      "SELECT (string_agg(dt, ',' ORDER BY _offset) = '1970-01-01,1969-12-31,2026-11-24' AND "
      "count(*) = 7 AND count(_append_time) = 3)::INTEGER FROM wide.trades";
  EXPECT_EQ(integer(days), 1);
  ASSERT_TRUE(table_->freeze("trades"));
  commit_oldest();
  EXPECT_EQ(integer(days), 1);
  Database other = Database::open({.threads = 1}).value();
  ASSERT_TRUE(open_lake(other, *store_));
  EXPECT_EQ(integer(other, days), 1) << "and so it is read back";
}

TEST_F(LiveTableTest, the_rows_of_one_record_stay_together_when_the_schema_changes_amid_them) {
  append({R"({"a":1})"});
  const std::vector<std::string> values = {R"({"a":2})", R"({"a":"text"})", R"({"a":3,"b":1})"};
  std::vector<SourceRecord> rows;
  for (const std::string& value : values)
    rows.push_back({0, 1, kMidnight, value});
  ASSERT_TRUE(table_->append("trades", rows, [](const SourceRecord&, const std::string&) {}));
  EXPECT_EQ(table_->frozen_count("trades"), 1u) << "the column became text";
  commit_oldest();
  EXPECT_EQ(integer("SELECT count(*) FROM trades"), 4);
  ASSERT_TRUE(table_->freeze("trades"));
  commit_oldest();
  EXPECT_EQ(integer("SELECT count(*) + count(DISTINCT _offset) FROM wide.trades"), 6);
}

TEST_F(LiveTableTest, a_record_of_which_one_row_cannot_be_is_refused_once_and_as_a_whole) {
  const std::vector<std::string> values = {R"({"a":2})", R"({"a":tru})", "no JSON"};
  std::vector<SourceRecord> rows;
  for (const std::string& value : values)
    rows.push_back({0, 0, kMidnight, value});
  std::vector<const SourceRecord*> refused;
  const auto added = table_->append(
      "trades", rows, [&](const SourceRecord& row, const auto&) { refused.push_back(&row); });
  EXPECT_EQ(added.value(), 0u);
  EXPECT_EQ(refused, std::vector<const SourceRecord*>{&rows[0]});
  EXPECT_EQ(table_->stats().rejected.count, 1);
}

TEST_F(LiveTableTest, what_is_passed_over_or_refused_before_moves_offsets_on) {
  SourceRecord tombstone{0, 0, kMidnight, {}};
  tombstone.is_passed_over = true;
  SourceRecord refused{0, 1, kMidnight, {}};
  refused.refusal = "of a kind";
  const std::vector<SourceRecord> records = {tombstone, refused};
  std::vector<std::string> reasons;
  const auto added =
      table_->append("trades", records,
                     [&](const SourceRecord&, const std::string& why) { reasons.push_back(why); });
  EXPECT_EQ(added.value(), 0u);
  EXPECT_EQ(reasons, std::vector<std::string>{"of a kind"});
  ASSERT_TRUE(table_->freeze("trades"));
  EXPECT_EQ(table_->frozen().at(0).ends.at(0), 2);
  commit_oldest();
  EXPECT_EQ(table_->stats().rejected.count, 1);
}

TEST_F(LiveTableTest, a_topic_that_is_abandoned_can_be_read_again_amid_its_commit) {
  append({R"({"a":1})", R"({"a":2})"});
  ASSERT_TRUE(table_->freeze("trades"));
  const SegmentInfo segment = table_->frozen().at(0);
  append({R"({"a":3})"});
  ASSERT_TRUE(table_->abandon("trades"));
  EXPECT_FALSE(table_->has_frozen());
  next_offset_ = 0;
  append({R"({"a":1})", R"({"a":2})", R"({"a":3})"});
  const std::vector<CommittedRange> ranges = {{{"trades", "0", 0}, 2, {}, {}, {}}};
  ASSERT_TRUE(table_->commit(segment.id, ranges)) << "the segment is gone, its boundary stands";
  EXPECT_EQ(integer("SELECT sum(a) FROM trades"), 3) << "offsets below 2 are in files";
}

TEST_F(LiveTableTest, a_table_without_rows_is_there_from_its_first_row_on) {
  append({"no JSON"});
  EXPECT_EQ(integer("SELECT count(*) FROM duckdb_views() WHERE view_name = 'trades'"), 0);
  append({"{}"});
  EXPECT_EQ(integer("SELECT count(*) FROM trades"), 1);
}

TEST_F(LiveTableTest, a_table_of_dead_letters_alone_tells_who_asks_for_it) {
  append({"no JSON", "1,2"});
  ASSERT_TRUE(table_->freeze("trades"));
  commit_oldest();
  EXPECT_EQ(integer("SELECT count(*) FROM duckdb_views() WHERE view_name = 'trades'"), 0);
  append({"{}"});
  EXPECT_EQ(integer("SELECT count(*) FROM trades"), 1);
}

TEST_F(LiveTableTest, a_query_sees_each_row_once_while_segments_become_files) {
  append({R"({"a":0})"});
  std::atomic<bool> done = false;
  std::atomic<int64_t> looks = 0;
  std::thread reader([&] {
    auto connection = database_.connect().value();
    int64_t last = 0;
    while (!done) {
      auto result = connection.query(
          "SELECT CASE WHEN count(*) = max(_offset) + 1 AND count(DISTINCT "
          "_offset) = count(*) THEN count(*) ELSE -1 END FROM wide.trades");
      ASSERT_TRUE(result) << base::to_text(result.error());
      const int64_t rows = result->single_integer().value();
      ASSERT_GE(rows, last);
      last = rows;
      ++looks;
    }
  });
  for (int round = 0; round < 12; ++round) {
    for (int batch = 0; batch < 5; ++batch)
      append(std::vector<std::string>(50, R"({"a":1})"));
    EXPECT_TRUE(table_->freeze("trades"));
    append({R"({"a":1})"});
    commit_oldest();
  }
  done = true;
  reader.join();
  EXPECT_GT(looks, 3);
  EXPECT_EQ(integer("SELECT count(*) FROM trades"), next_offset_);
}

}  // namespace
}  // namespace ticklake::table
