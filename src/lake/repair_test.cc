#include "lake/repair.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "lake/chain.h"
#include "lake/local_object_store.h"
#include "lake/verify.h"

namespace ticklake::lake {
namespace {

constexpr base::WallTime kNow{std::chrono::seconds(1'795'478'400)};
const ChainId kChain{"trades", "0", 0};

class RepairTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = LocalObjectStore::open(files_, folder_.path(), LocalObjectStore::Access::kReadWrite, 1)
                 .value();
    put_record(0, 5);
    put_record(5, 9);
  }

  static std::string file_of(int64_t start, int64_t end, const std::string& day) {
    return data_key(kChain, day, start, end, Encoding::kParquet);
  }
  /// A record with a file on each of two days.
  void put_record(int64_t start, int64_t end) {
    BoundaryRecord record;
    record.start = start;
    record.end = end;
    record.created = kNow - std::chrono::hours(1);
    for (const std::string day : {"2026-11-24", "2026-11-25"}) {
      record.files.push_back({file_of(start, end, day), day, 2});
      ASSERT_TRUE(store_->put(record.files.back().key, "rows"));
    }
    ASSERT_TRUE(store_->put_if_absent(record_key(kChain, start), to_json(record)));
  }
  void remove(const std::string& key) {
    ASSERT_TRUE(std::filesystem::remove(folder_.path() / key)) << key;
  }
  base::Result<std::vector<RepairStep>> plan(std::optional<HeldOffsets> held) {
    return plan_repair(*store_, survey_chain(*store_, kChain).value(), held, kNow);
  }
  void repair(std::optional<HeldOffsets> held) {
    const auto steps = plan(held).value();
    for (const RepairStep& step : steps)
      ASSERT_TRUE(carry_out(*store_, kChain, step));
  }
  std::vector<FindingKind> found() {
    std::vector<FindingKind> kinds;
    const RecordCheck check = check_records(*store_, kNow).value();
    for (const Finding& finding : check.findings)
      kinds.push_back(finding.kind);
    return kinds;
  }
  using Kinds = std::vector<FindingKind>;

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  std::unique_ptr<LocalObjectStore> store_;
};

TEST_F(RepairTest, where_nothing_is_lost_there_is_nothing_to_do) {
  EXPECT_TRUE(plan(HeldOffsets{0, 9}).value().empty());
  EXPECT_TRUE(plan(HeldOffsets{9, 12}).value().empty());
  EXPECT_TRUE(plan(std::nullopt).value().empty());
}

TEST_F(RepairTest, a_log_that_begins_past_the_lakes_end_is_bridged_and_the_chain_goes_on_there) {
  const auto steps = plan(HeldOffsets{12, 20}).value();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].gap.start, 9);
  EXPECT_EQ(steps[0].gap.end, 12);
  EXPECT_EQ(read_chain(*store_, kChain).value().end(), 9) << "a plan changes nothing";
  repair(HeldOffsets{12, 20});
  EXPECT_EQ(read_chain(*store_, kChain).value().end(), 12);
  EXPECT_EQ(found(), Kinds{FindingKind::kKnownGap});
  EXPECT_TRUE(plan(HeldOffsets{12, 20}).value().empty()) << "once is enough";
}

TEST_F(RepairTest, a_repair_that_was_killed_between_its_records_is_finished_by_the_next) {
  const RepairStep step = plan(HeldOffsets{12, 20}).value().front();
  ASSERT_TRUE(carry_out(*store_, kChain, {step.gap, std::nullopt}));
  EXPECT_EQ(found(), Kinds()) << "a gap record alone says nothing";
  repair(HeldOffsets{15, 20});  // the broker has lost more meanwhile
  EXPECT_EQ(read_chain(*store_, kChain).value().end(), 12) << "as was agreed on first";
  repair(HeldOffsets{15, 20});
  EXPECT_EQ(read_chain(*store_, kChain).value().end(), 15);
  EXPECT_EQ(found(), (Kinds{FindingKind::kKnownGap, FindingKind::kKnownGap}));
}

TEST_F(RepairTest, a_sink_that_agreed_on_a_boundary_meanwhile_is_not_overruled) {
  const RepairStep step = plan(HeldOffsets{12, 20}).value().front();
  put_record(9, 14);
  const auto refused = carry_out(*store_, kChain, step);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kAlreadyExists);
  EXPECT_EQ(found(), Kinds()) << "its rows count, the gap record means nothing";
}

TEST_F(RepairTest, only_the_files_that_are_missing_are_given_up) {
  remove(file_of(5, 9, "2026-11-24"));
  const auto steps = plan(HeldOffsets{7, 20}).value();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].gap.files, (std::vector<LostFile>{{file_of(5, 9, "2026-11-24"), 2}}));
  EXPECT_FALSE(steps[0].bridge);
  repair(HeldOffsets{7, 20});
  EXPECT_EQ(found(), Kinds{FindingKind::kKnownGap});
  const auto kept = read_chain(*store_, kChain).value().records[1].files;
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].key, file_of(5, 9, "2026-11-25"));
}

TEST_F(RepairTest, what_the_broker_can_give_again_is_not_given_up) {
  remove(file_of(5, 9, "2026-11-24"));
  const auto refused = plan(HeldOffsets{5, 9});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().advice, "start a sink: it writes the file again");
}

TEST_F(RepairTest, files_of_a_topic_that_was_deleted_can_be_given_up) {
  remove(file_of(5, 9, "2026-11-24"));
  repair(std::nullopt);
  EXPECT_EQ(found(), Kinds{FindingKind::kKnownGap});
}

TEST_F(RepairTest, a_log_that_was_cut_and_a_broken_chain_are_refused) {
  EXPECT_EQ(plan(HeldOffsets{0, 7}).error().code, base::ErrorCode::kCorrupt);
  remove(record_key(kChain, 0));
  EXPECT_EQ(plan(HeldOffsets{12, 20}).error().code, base::ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace ticklake::lake
