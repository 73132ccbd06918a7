#include "lake/verify.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "lake/chain.h"
#include "lake/local_object_store.h"

namespace ticklake::lake {
namespace {

constexpr base::WallTime kNow{std::chrono::seconds(1'795'478'400)};
const ChainId kChain{"trades", "0", 0};
const std::string kFolder = "trades/dt=2026-11-24/";
const std::string kRecords = "_ticklake/trades/trades/0/0/";

/// A lake with the records [0, 5) and [5, 9) and a file for each.
class VerifyTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = LocalObjectStore::open(files_, folder_.path(), LocalObjectStore::Access::kReadWrite, 1)
                 .value();
    put_record(0, 5);
    put_record(5, 9);
  }

  static BoundaryRecord record_of(int64_t start, int64_t end) {
    BoundaryRecord record;
    record.start = start;
    record.end = end;
    record.files = {{data_key(kChain, "2026-11-24", start, end, Encoding::kParquet), "2026-11-24",
                     end - start}};
    record.created = kNow - std::chrono::hours(1);
    return record;
  }
  void put_record(int64_t start, int64_t end) {
    const BoundaryRecord record = record_of(start, end);
    ASSERT_TRUE(store_->put_if_absent(record_key(kChain, start), to_json(record)));
    ASSERT_TRUE(store_->put(record.files.front().key, "rows"));
  }
  void put_gap(const GapRecord& gap) {
    ASSERT_TRUE(store_->put_if_absent(gap_key(kChain, gap.start), to_json(gap)));
  }
  void remove(const std::string& key) {
    ASSERT_TRUE(std::filesystem::remove(folder_.path() / key)) << key;
  }
  RecordCheck check() { return check_records(*store_, kNow).value(); }
  /// What is wrong, a line each.
  std::vector<std::string> wrong() {
    std::vector<std::string> lines;
    const RecordCheck found = check();
    for (const Finding& finding : found.findings)
      if (is_wrong(finding.kind)) lines.push_back(to_line(finding));
    return lines;
  }
  using Lines = std::vector<std::string>;

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  std::unique_ptr<LocalObjectStore> store_;
};

TEST_F(VerifyTest, a_lake_in_order_is_proven_with_its_numbers) {
  EXPECT_EQ(wrong(), Lines());
  const RecordCheck found = check();
  EXPECT_EQ(found.tables, 1u);
  EXPECT_EQ(found.partitions, 1u);
  EXPECT_EQ(found.records, 2u);
  EXPECT_EQ(found.rows, 9);
  ASSERT_EQ(found.files.size(), 2u);
  EXPECT_EQ(found.files[1].key, kFolder + "trades-0-5-9.parquet");
}

TEST_F(VerifyTest, a_record_that_was_deleted_leaves_a_gap_and_a_file_that_is_nobodys) {
  put_record(9, 12);
  remove(kRecords + "00000000000000000005.json");
  EXPECT_EQ(wrong(), (Lines{"gap trades/0: offsets [5, 9) are in no record",
                            "stray " + kFolder +
                                "trades-0-5-9.parquet: no record names it, 4 "
                                "bytes"}));
}

TEST_F(VerifyTest, the_first_record_that_was_deleted_is_a_gap_from_0_on) {
  remove(kRecords + "00000000000000000000.json");
  ASSERT_FALSE(wrong().empty());
  EXPECT_EQ(wrong().front(), "gap trades/0: offsets [0, 5) are in no record");
}

TEST_F(VerifyTest, all_records_of_a_table_that_were_deleted_leave_its_files_to_nobody) {
  ASSERT_TRUE(store_->put("_ticklake/.names/trades", R"({"folder":"trades","table":"trades"})"));
  std::filesystem::remove_all(folder_.path() / "_ticklake/trades");
  EXPECT_EQ(wrong().size(), 2u);
}

TEST_F(VerifyTest, a_file_that_was_deleted_is_missing) {
  remove(kFolder + "trades-0-0-5.parquet");
  EXPECT_EQ(wrong(), (Lines{"missing " + kFolder +
                            "trades-0-0-5.parquet: offsets [0, 5) of "
                            "trades/0 were committed to it, 5 rows"}));
}

TEST_F(VerifyTest, a_file_that_no_record_names_is_a_stray_unless_engines_pass_over_it) {
  ASSERT_TRUE(store_->put(kFolder + "copy of trades.parquet", "x"));
  ASSERT_TRUE(store_->put(kFolder + "_SUCCESS", "x"));
  ASSERT_TRUE(store_->put("trades/.hidden/x.parquet", "x"));
  ASSERT_TRUE(store_->put("not_a_table/x.parquet", "x"));
  EXPECT_EQ(wrong(), (Lines{"stray " + kFolder +
                            "copy of trades.parquet: no record names it, 1 "
                            "bytes"}));
}

TEST_F(VerifyTest, offsets_that_two_records_promise_are_duplicates) {
  put_record(3, 7);
  const Lines lines = wrong();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "duplicate " + kRecords +
                          "00000000000000000003.json: offsets [3, 5) of "
                          "trades/0 are promised by an older record too");
  EXPECT_EQ(lines[1], "duplicate " + kRecords +
                          "00000000000000000005.json: offsets [5, 7) of "
                          "trades/0 are promised by an older record too");
}

TEST_F(VerifyTest, a_file_that_two_records_name_is_a_duplicate) {
  BoundaryRecord record = record_of(0, 5);
  record.start = 9;
  record.end = 12;
  ASSERT_TRUE(store_->put_if_absent(record_key(kChain, 9), to_json(record)));
  ASSERT_EQ(wrong().size(), 1u);
  EXPECT_TRUE(wrong().front().starts_with("duplicate " + kFolder + "trades-0-0-5.parquet: "));
}

TEST_F(VerifyTest, a_record_that_does_not_read_is_named_and_the_rest_is_checked) {
  ASSERT_TRUE(store_->put(kRecords + "00000000000000000000.json", "{"));
  remove(kFolder + "trades-0-5-9.parquet");
  const Lines lines = wrong();
  ASSERT_EQ(lines.size(), 3u) << "the first record's file is nobody's now";
  EXPECT_EQ(lines[0], "unreadable " + kRecords +
                          "00000000000000000000.json: it is not a JSON "
                          "object");
  EXPECT_TRUE(lines[1].starts_with("missing ")) << lines[1];
}

TEST_F(VerifyTest, the_newest_records_file_may_be_on_its_way_for_some_minutes) {
  BoundaryRecord record = record_of(9, 12);
  record.created = kNow - std::chrono::minutes(1);
  ASSERT_TRUE(store_->put_if_absent(record_key(kChain, 9), to_json(record)));
  EXPECT_EQ(wrong(), Lines());
  EXPECT_EQ(check().findings.front().kind, FindingKind::kPending);
  EXPECT_FALSE(check_records(*store_, kNow + kPendingMax).value().findings.empty());
  ASSERT_TRUE(store_->put(times_key(kChain, 9), "times are written after all files stood"));
  EXPECT_EQ(wrong().size(), 1u);
}

TEST_F(VerifyTest, a_gap_record_makes_a_loss_known_and_readers_go_on_without_it) {
  remove(kFolder + "trades-0-0-5.parquet");
  put_gap({0, 5, "the broker lost them", {{kFolder + "trades-0-0-5.parquet", 5}}, kNow});
  EXPECT_EQ(wrong(), Lines());
  ASSERT_EQ(check().findings.size(), 1u);
  EXPECT_EQ(to_line(check().findings.front()),
            "known-gap trades/0: 5 rows of offsets [0, 5) are lost with " + kFolder +
                "trades-0-0-5.parquet: the broker lost them");
  EXPECT_EQ(check().rows, 4);
  const Chain chain = read_chain(*store_, kChain).value();
  EXPECT_TRUE(chain.records[0].files.empty());
  EXPECT_EQ(chain.records[1].files.size(), 1u);
}

TEST_F(VerifyTest, a_file_that_was_given_up_and_is_back_is_a_stray) {
  put_gap({0, 5, "lost", {{kFolder + "trades-0-0-5.parquet", 5}}, kNow});
  ASSERT_EQ(wrong().size(), 1u);
  EXPECT_TRUE(wrong().front().ends_with("gives it up, yet it stands"));
}

TEST_F(VerifyTest, a_gap_record_of_another_range_excuses_nothing) {
  remove(kFolder + "trades-0-0-5.parquet");
  put_gap({0, 4, "lost", {{kFolder + "trades-0-0-5.parquet", 5}}, kNow});
  EXPECT_EQ(wrong().size(), 1u);
}

TEST(Gap, a_gap_record_reads_back_and_damage_is_an_error) {
  const GapRecord gap{5, 9, "why \"not\"", {{"trades/x", 3}}, kNow};
  const GapRecord read = parse_gap(to_json(gap)).value();
  EXPECT_EQ(read.start, 5);
  EXPECT_EQ(read.end, 9);
  EXPECT_EQ(read.reason, gap.reason);
  EXPECT_EQ(read.files, gap.files);
  EXPECT_EQ(read.created, gap.created);
  for (const char* const bad :
       {"", "[]", "{}", R"({"format":2})", R"({"format":1,"start":5,"end":5})",
        R"({"format":1,"start":0,"end":5,"reason":"x","created_us":0,"files":[7]})",
        R"({"format":1,"start":-1,"end":5,"reason":"x","created_us":0,"files":[]})"}) {
    EXPECT_FALSE(parse_gap(bad)) << bad;
  }
  EXPECT_FALSE(parse_gap(std::string(100'000, '[')));
  EXPECT_FALSE(parse_gap(std::string(kGapBytesMax + 1, ' ')));
}

}  // namespace
}  // namespace ticklake::lake
