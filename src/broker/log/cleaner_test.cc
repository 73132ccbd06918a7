#include "broker/log/cleaner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/log/cleaner_test_bed.h"

namespace ticklake::broker {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

void put_three_keys(CleanerTestBed& bed) {
  bed.put("a", "1");
  bed.put("b", "1");
  bed.put("a", "2");
  bed.put("c", "1");
  bed.put("a", "3");  // stands in the active segment
}

TEST(Cleaner, of_each_key_the_last_value_of_the_closed_segments_stays_at_its_offset) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("1:b=1", "2:a=2", "3:c=1", "4:a=3"));
  EXPECT_EQ(bed.log(kTopic).end_offset(), 5);
}

TEST(Cleaner, what_it_left_is_there_after_a_crash_and_after_a_clean_stop) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.clean();
  const auto before = bed.content();
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.content(), before);
  bed.restart();
  EXPECT_EQ(bed.content(), before);
  bed.put("b", "2");
  bed.put("d", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("3:c=1", "4:a=3", "5:b=2", "6:d=1"));
}

TEST(Cleaner, without_a_recovery_point_gaps_of_a_compacted_topic_are_no_damage) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.clean();
  const auto before = bed.content();
  bed.crash();
  ASSERT_TRUE(bed.files.remove(bed.folder.path() / "broker" / "recovery-point-offset-checkpoint"));
  ASSERT_TRUE(bed.files.remove(bed.folder.path() / "broker" / "cleaner-offset-checkpoint"));
  bed.start();
  EXPECT_EQ(bed.content(), before);
}

TEST(Cleaner, small_segments_become_one) {
  CleanerTestBed bed;
  for (int i = 0; i < 50; ++i)
    bed.put("key-" + std::to_string(i), "v");
  bed.sync();
  ASSERT_TRUE(bed.broker->set_configs(
      kTopic, {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "0"}}));
  EXPECT_EQ(bed.log(kTopic).closed_segments().size(), 49u);
  bed.clean();
  EXPECT_EQ(bed.log(kTopic).closed_segments().size(), 1u);
  EXPECT_EQ(bed.content().size(), 50u);
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.content().size(), 50u);
}

TEST(Cleaner, small_slices_and_little_memory_for_keys_change_nothing) {
  CleanerTestBed bed({}, {.slice_bytes = 1, .keys_bytes_max = 200});
  CleanerTestBed other;
  for (int i = 0; i < 60; ++i) {
    for (CleanerTestBed* one : {&bed, &other})
      one->put("key-" + std::to_string(i % 7), std::to_string(i));
  }
  EXPECT_GT(bed.clean(), other.clean());
  EXPECT_EQ(bed.content(), other.content());
  EXPECT_EQ(bed.content().size(), 8u);  // one of them twice: in the active segment too
}

TEST(Cleaner, compressed_batches_stay_compressed_and_keep_the_offsets_of_what_is_left) {
  CleanerTestBed bed;
  bed.put({.records = {{"a", "1"}, {"b", "1"}, {"a", "2"}}, .codec = kafka::Codec::kLz4});
  bed.put("b", "2");
  bed.put("c", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("2:a=2", "3:b=2", "4:c=1"));
  const auto read = bed.log(kTopic).read(0, 1, 1 << 20, true);
  ASSERT_TRUE(read.has_value());
  const auto header = kafka::parse_batch_header(read->view());
  EXPECT_EQ(header->codec_bits(), static_cast<int>(kafka::Codec::kLz4));
  EXPECT_EQ(header->base_offset, 0);
  EXPECT_EQ(header->record_count, 1);
}

TEST(Cleaner, tombstones_go_after_their_time_and_what_they_delete_at_once) {
  CleanerTestBed bed(TopicConfigs{{"delete.retention.ms", "3600000"}});
  bed.put("a", "1");
  bed.put("a", std::nullopt);
  bed.put("b", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("1:a=null", "2:b=1"));
  bed.clock.advance(hours{2});
  bed.put("b", "2");  // something new, so that there is reason to clean
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("2:b=1", "3:b=2"));
}

TEST(Cleaner, records_without_a_key_go) {
  CleanerTestBed bed;
  bed.put({.records = {{std::nullopt, "x"}}});
  bed.put("a", "1");
  bed.put("b", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("1:a=1", "2:b=1"));
}

TEST(Cleaner, a_producers_last_batch_stays_so_that_its_sequence_is_known) {
  CleanerTestBed bed;
  bed.put({.records = {{"a", "1"}}, .producer_id = 7, .base_sequence = 0});
  bed.put({.records = {{"a", "2"}}, .producer_id = 7, .base_sequence = 1});
  bed.put("a", "3");
  bed.put("b", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("2:a=3", "3:b=1"));
  bed.crash();
  ASSERT_TRUE(bed.files.remove(bed.folder.path() / "broker" / "recovery-point-offset-checkpoint"));
  bed.start();
  base::Bytes repeated =
      bytes_of({.records = {{"a", "2"}}, .producer_id = 7, .base_sequence = 1}, bed.now_ms());
  const auto again = bed.log(kTopic).append(repeated, *check_batch(repeated, 1 << 20), 0);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(again->is_duplicate);
}

TEST(Cleaner, young_records_and_little_dirt_are_left_alone) {
  CleanerTestBed bed(TopicConfigs{{"min.compaction.lag.ms", "3600000"}});
  put_three_keys(bed);
  EXPECT_EQ(bed.clean(), 0);
  bed.clock.advance(hours{2});
  EXPECT_GT(bed.clean(), 0);

  CleanerTestBed other(TopicConfigs{{"min.cleanable.dirty.ratio", "0.5"}});
  for (int i = 0; i < 20; ++i)
    other.put("key-" + std::to_string(i), "v");
  EXPECT_GT(other.clean(), 0);
  other.put("key-0", "v");
  EXPECT_EQ(other.clean(), 0) << "19 of 20 batches are clean";
}

TEST(Cleaner, a_topic_that_only_deletes_is_none_of_its_business) {
  CleanerTestBed bed(TopicConfigs{{"cleanup.policy", "delete"}});
  put_three_keys(bed);
  EXPECT_EQ(bed.clean(), 0);
}

TEST(Cleaner, a_crash_before_the_swap_leaves_the_old_segments) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.sync();
  const auto before = bed.content();
  auto cleaner = bed.new_cleaner();
  while (cleaner->run_slice() != Cleaner::Next::kSync)
    continue;
  cleaner.reset();
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.content(), before);
  const auto names = bed.files.list(bed.partition_folder());
  for (const std::string& name : *names)
    EXPECT_FALSE(name.ends_with(".cleaned")) << name;
}

TEST(Cleaner, a_crash_in_the_middle_of_the_swap_ends_with_the_new_segment) {
  for (const bool has_retired_one : {false, true}) {
    CleanerTestBed bed;
    put_three_keys(bed);
    bed.sync();
    ASSERT_TRUE(bed.broker->set_configs(
        kTopic, {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "0"}}));
    auto cleaner = bed.new_cleaner();
    while (cleaner->run_slice() != Cleaner::Next::kSync)
      continue;
    cleaner.reset();
    bed.crash();
    const auto rename = [&](int64_t offset, const std::string& from, const std::string& to) {
      ASSERT_TRUE(bed.files.rename(Segment::path(bed.partition_folder(), offset, from),
                                   Segment::path(bed.partition_folder(), offset, to)));
    };
    for (const std::string suffix : {".index", ".timeindex", ".log"})
      rename(0, suffix + ".cleaned", suffix + ".swap");
    if (has_retired_one) rename(1, ".log", ".log.deleted");
    bed.start();
    EXPECT_THAT(bed.content(), ElementsAre("1:b=1", "2:a=2", "3:c=1", "4:a=3"));
    EXPECT_EQ(bed.log(kTopic).closed_segments().size(), 1u);
  }
}

TEST(Cleaner, a_topic_deleted_meanwhile_is_given_up) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.sync();
  const auto cleaner = bed.new_cleaner();
  while (cleaner->run_slice() != Cleaner::Next::kSync)
    continue;
  const PartitionLog::SyncWork work = cleaner->take_sync_work();
  ASSERT_TRUE(bed.broker->delete_topic(kTopic));
  cleaner->synced(work.run(bed.files));
  while (cleaner->run_slice() != Cleaner::Next::kIdle)
    continue;
  EXPECT_TRUE(bed.logs->topics().empty());
}

}  // namespace
}  // namespace ticklake::broker
