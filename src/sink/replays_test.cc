#include "sink/replays.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "lake/local_object_store.h"

namespace ticklake::sink {
namespace {

constexpr base::WallTime kNow{std::chrono::seconds(1'795'478'400)};

class ReplaysTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = lake::LocalObjectStore::open(files_, folder_.path(),
                                          lake::LocalObjectStore::Access::kReadWrite, 1)
                 .value();
  }
  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  std::unique_ptr<lake::LocalObjectStore> store_;
};

TEST_F(ReplaysTest, a_batch_is_open_until_its_outcome_is_said) {
  EXPECT_EQ(read_replays(*store_, "trades").value().next_number, 0);
  const ReplayBatch first{0, {{"A", 0, 17}, {"A", 1, 3}}, kNow};
  ASSERT_TRUE(begin_replay(*store_, "trades", first));
  Replays replays = read_replays(*store_, "trades").value();
  ASSERT_EQ(replays.open.size(), 1u);
  EXPECT_EQ(replays.open[0].letters, first.letters);
  EXPECT_TRUE(replays.sent.empty());
  EXPECT_EQ(replays.next_number, 1);

  ASSERT_TRUE(end_replay(*store_, "trades", 0, true));
  ASSERT_TRUE(begin_replay(*store_, "trades", {1, {{"A", 0, 18}}, kNow}));
  ASSERT_TRUE(end_replay(*store_, "trades", 1, false));
  replays = read_replays(*store_, "trades").value();
  EXPECT_TRUE(replays.open.empty());
  EXPECT_EQ(replays.sent, (std::set<LetterId>{{"A", 0, 17}, {"A", 1, 3}}))
      << "a batch that was not sent may be sent again";
  EXPECT_EQ(read_replays(*store_, "quotes").value().next_number, 0);
}

TEST_F(ReplaysTest, of_two_that_begin_or_end_a_batch_one_wins) {
  ASSERT_TRUE(begin_replay(*store_, "trades", {0, {{"A", 0, 17}}, kNow}));
  EXPECT_EQ(begin_replay(*store_, "trades", {0, {{"A", 0, 18}}, kNow}).error().code,
            base::ErrorCode::kAlreadyExists);
  ASSERT_TRUE(end_replay(*store_, "trades", 0, true));
  EXPECT_TRUE(end_replay(*store_, "trades", 0, true));
  EXPECT_EQ(end_replay(*store_, "trades", 0, false).error().code, base::ErrorCode::kAlreadyExists);
}

TEST_F(ReplaysTest, a_lake_keeps_the_name_of_its_replays) {
  const std::string name = replay_name(*store_, "trades", 7).value();
  EXPECT_EQ(replay_name(*store_, "trades", 8).value(), name);
  EXPECT_NE(replay_name(*store_, "quotes", 8).value(), name);
}

TEST_F(ReplaysTest, what_cannot_be_a_batch_is_an_error) {
  for (const char* const bad :
       {"", "{}", R"({"format":2,"number":0,"created_us":0,"letters":[]})",
        R"({"format":1,"number":-1,"created_us":0,"letters":[]})",
        R"({"format":1,"number":0,"created_us":0,"letters":[["A",0]]})",
        R"({"format":1,"number":0,"created_us":0,"letters":[["A",-1,0]]})",
        R"({"format":1,"number":0,"created_us":0,"letters":[["A",0,1.5]]})"}) {
    EXPECT_FALSE(parse_replay_batch(bad)) << bad;
  }
  EXPECT_FALSE(parse_replay_batch(std::string(kReplayBytesMax + 1, ' ')));
}

TEST_F(ReplaysTest, a_letter_that_is_kept_reads_back_byte_for_byte) {
  const std::string bytes("\xff\xd8\0picture\n", 11);
  const std::vector<DeadLetter> letters{{"trades", "A", 3, 17, bytes, bytes, "no \"JSON\""},
                                        {"trades", "A", 3, 19, std::nullopt, "", "empty"}};
  ASSERT_TRUE(keep_letters(*store_, letters, "too large"));
  const auto keys = list_kept_letters(*store_, "trades").value();
  ASSERT_EQ(keys.size(), 1u);
  const auto read = read_kept_letters(*store_, keys[0]).value();
  ASSERT_EQ(read.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(id_of(read[i]), id_of(letters[i]));
    EXPECT_EQ(read[i].key, letters[i].key);
    EXPECT_EQ(read[i].value, letters[i].value);
    EXPECT_EQ(read[i].reason, letters[i].reason);
  }
  ASSERT_TRUE(store_->put(keys[0], "{\"topic\":\"trades\"}\n"));
  EXPECT_FALSE(read_kept_letters(*store_, keys[0]));
}

TEST_F(ReplaysTest, batches_and_outcomes_are_no_letters) {
  ASSERT_TRUE(begin_replay(*store_, "trades", {0, {{"A", 0, 17}}, kNow}));
  ASSERT_TRUE(end_replay(*store_, "trades", 0, true));
  EXPECT_TRUE(count_kept_letters(*store_).value().empty());
  EXPECT_TRUE(list_kept_letters(*store_, "trades").value().empty());
}

}  // namespace
}  // namespace ticklake::sink
