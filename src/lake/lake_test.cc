#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/temporary_folder.h"
#include "lake/chain.h"
#include "lake/local_object_store.h"
#include "lake/table_names.h"

namespace ticklake::lake {
namespace {

const ChainId kChain{"trades", "0", 0};

BoundaryRecord record_of(int64_t start, int64_t end) {
  BoundaryRecord record;
  record.start = start;
  record.end = end;
  record.schema.columns = {{"symbol", "symbol", ColumnType::kVarchar},
                           {"a \"quoted\" key", "a \"quoted\" key", ColumnType::kOpen}};
  record.files = {
      {data_key(kChain, "2026-11-24", start, end, Encoding::kParquet), "2026-11-24", 3}};
  record.created = base::WallTime(std::chrono::seconds(1'795'478'400));
  return record;
}

class LocalStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = LocalObjectStore::open(files_, folder_.path(), LocalObjectStore::Access::kReadWrite, 1)
                 .value();
  }
  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  std::unique_ptr<LocalObjectStore> store_;
};

TEST_F(LocalStoreTest, of_two_conditional_creates_one_wins) {
  EXPECT_TRUE(store_->put_if_absent("a/b/c.json", "one"));
  auto lost = store_->put_if_absent("a/b/c.json", "two");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, base::ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->get("a/b/c.json", 100).value(), "one");
}

TEST_F(LocalStoreTest, a_put_replaces_and_a_listing_shows_only_what_is_finished) {
  EXPECT_TRUE(store_->put("t/dt=1/x", "one"));
  EXPECT_TRUE(store_->put("t/dt=1/x", "three"));
  ASSERT_TRUE(store_->stage("half-written"));
  const auto objects = store_->list("t").value();
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_EQ(objects[0].key, "t/dt=1/x");
  EXPECT_EQ(objects[0].bytes, 5u);
  EXPECT_TRUE(store_->list("nowhere").value().empty());
}

TEST(LocalLake, a_location_is_a_path_or_a_file_url) {
  EXPECT_EQ(local_lake_path("file:///x/y").value(), base::Path("/x/y"));
  EXPECT_EQ(local_lake_path("x/y").value(), base::Path("x/y"));
  EXPECT_EQ(local_lake_path("s3://x/y").error().code, base::ErrorCode::kUnsupported);
}

TEST(Layout, names_are_those_of_the_format) {
  EXPECT_EQ(table_name("eu.trades-1"), "eu_trades_1");
  EXPECT_EQ(record_key(kChain, 12), "_ticklake/trades/trades/0/0/00000000000000000012.json");
  EXPECT_EQ(data_key(kChain, "2026-11-24", 0, 5, Encoding::kJsonLines),
            "trades/dt=2026-11-24/trades-0-0-5.json");
  EXPECT_EQ(parse_record_name("00000000000000000012.json"), 12);
  EXPECT_FALSE(parse_record_name("00000000000000000012.times.parquet"));
  EXPECT_FALSE(parse_record_name("99999999999999999999.json"));
}

TEST(Layout, a_files_name_fits_a_file_system_however_long_the_topic_is) {
  const std::string long_topic(249, 'x');
  std::set<std::string> keys;
  for (const char last : {'x', 'y'}) {
    const ChainId chain{long_topic.substr(0, 248) + last, "0", INT32_MAX};
    const std::string key =
        data_key(chain, kNoDay, INT64_MAX - 1, INT64_MAX, Encoding::kParquet, "12345678");
    keys.insert(key);
    EXPECT_LE(key.size() - key.rfind('/') - 1, 255u);
  }
  EXPECT_EQ(keys.size(), 2u) << "topics that differ behind the cut have files of their own";
}

TEST_F(LocalStoreTest, tables_whose_names_differ_in_case_have_names_of_their_own_for_good) {
  EXPECT_EQ(claim_table_name(*store_, "trades").value(), "trades");
  EXPECT_EQ(claim_table_name(*store_, "Trades").value(), "Trades_2");
  EXPECT_EQ(claim_table_name(*store_, "Trades_2").value(), "Trades_2_2");
  EXPECT_EQ(claim_table_name(*store_, "TRADES").value(), "TRADES_3");
  EXPECT_EQ(claim_table_name(*store_, "sqlite_master").value(), "sqlite_master_2");
  EXPECT_EQ(claim_table_name(*store_, "Trades").value(), "Trades_2") << "asked again";
  const auto names = read_table_names(*store_, {"TRADES", "Trades", "quotes", "trades"}).value();
  EXPECT_EQ(names, (std::map<std::string, std::string>{{"TRADES", "TRADES_3"},
                                                       {"Trades", "Trades_2"},
                                                       {"quotes", "quotes"},
                                                       {"trades", "trades"}}));
  EXPECT_TRUE(list_tables(*store_).value().empty()) << "a name is no table";
}

TEST(Layout, internal_and_dead_letter_topics_are_never_sunk) {
  EXPECT_TRUE(is_sunk_topic("trades"));
  EXPECT_FALSE(is_sunk_topic("__consumer_offsets"));
  EXPECT_FALSE(is_sunk_topic("trades.dead-letter"));
  EXPECT_FALSE(is_sunk_topic("_ticklake"));
}

TEST(Boundary, a_record_reads_back_as_it_was_written) {
  for (const BoundaryRecord& record : {record_of(0, 7), record_of(7, 9)}) {
    const auto read = parse_boundary(to_json(record));
    ASSERT_TRUE(read) << base::to_text(read.error());
    EXPECT_TRUE(read->same_promise(record));
    EXPECT_EQ(read->created, record.created);
  }
}

TEST(Boundary, a_record_says_how_its_values_became_rows) {
  BoundaryRecord record = record_of(7, 9);
  EXPECT_EQ(to_json(record).find("decoding"), std::string::npos);
  record.decoding = {.explode = true, .registry = true, .refused_schemas = {0, 7, INT32_MAX}};
  EXPECT_EQ(parse_boundary(to_json(record))->decoding, record.decoding);
  EXPECT_FALSE(parse_boundary(to_json(record))->same_promise(record_of(7, 9)));
  std::string newer = to_json(record);
  newer.replace(newer.find("explode"), 7, "explain");
  EXPECT_FALSE(parse_boundary(newer)) << "what is not known cannot be done again";
  for (const auto& ids : {std::vector<int32_t>{7, 7}, {8, 7}, {-1}}) {
    record.decoding.refused_schemas = ids;
    EXPECT_FALSE(parse_boundary(to_json(record)));
  }
}

TEST(Boundary, what_cannot_be_a_record_is_an_error) {
  const std::string good = to_json(record_of(7, 9));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"end\": 9", "\"end\": 7"},
           {"\"start\": 7", "\"start\": -7"},
           {"\"start\": 7", "\"start\": 7.5"},
           {"trades/dt", "../dt"},
           {"trades/dt", "/etc/dt"},
           {"VARCHAR", "GEOMETRY"},
           {"\"format\": 1", "\"format\": 2"},
           {"\"name\": \"symbol\"", "\"name\": \"_offset\""}}) {
    std::string bad = good;
    ASSERT_NE(bad.find(from), std::string::npos) << from;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_FALSE(parse_boundary(bad)) << to;
  }
  EXPECT_FALSE(parse_boundary(""));
  EXPECT_FALSE(parse_boundary(std::string(10'000, '[')));
  EXPECT_FALSE(parse_boundary(std::string(kBoundaryBytesMax + 1, ' ')));
}

TEST(Boundary, no_damage_to_a_record_crashes_its_reader) {
  base::Random random(7);
  const std::string good = to_json(record_of(0, 9));
  for (int round = 0; round < 5'000; ++round) {
    std::string bad =
        good.substr(0, random.below(8) == 0 ? random.below(good.size()) : good.size());
    for (uint64_t change = 0; change <= random.below(4) && !bad.empty(); ++change) {
      bad[random.below(bad.size())] = static_cast<char>(random.below(256));
    }
    const auto read = parse_boundary(bad);
    if (read) {
      EXPECT_LT(read->start, read->end);
    }
  }
}

TEST(Chain, a_gap_or_an_overlap_is_corruption_that_names_its_offsets) {
  EXPECT_TRUE(verify_chain({kChain, {record_of(0, 5), record_of(5, 9)}}));
  for (const int64_t start : {4, 6}) {
    const auto broken = verify_chain({kChain, {record_of(0, 5), record_of(start, 9)}});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, base::ErrorCode::kCorrupt);
    EXPECT_NE(broken.error().what.find("trades/0"), std::string::npos);
  }
}

TEST(Schema, names_that_sql_takes_for_the_same_are_told_apart) {
  Schema schema;
  schema.columns.push_back({"price", "price", ColumnType::kDouble});
  EXPECT_EQ(column_name_for("Price", schema), "Price_");
  EXPECT_EQ(column_name_for("_offset", schema), "_offset_");
  EXPECT_EQ(column_name_for("DT", schema), "DT_");
  EXPECT_EQ(column_name_for("", schema), "column");
}

}  // namespace
}  // namespace ticklake::lake
