#include <gtest/gtest.h>

#include "broker/log/log_test_bed.h"

namespace ticklake::broker {
namespace {

TEST(LogRecovery, a_torn_tail_is_cut_off_whatever_byte_it_was_torn_at) {
  const base::Bytes torn = make_batch({.value_bytes = 50});
  for (size_t kept = 1; kept < torn.size(); kept += 7) {
    LogTestBed bed;
    bed.append_ok({.count = 2});
    const uint64_t sound_bytes = bed.log->size_bytes();
    bed.crash();
    bed.overwrite(bed.file(".log"), sound_bytes, base::as_text(torn).substr(0, kept));
    bed.open(false);
    EXPECT_EQ(bed.log->end_offset(), 2);
    EXPECT_EQ(bed.content(bed.file(".log")).size(), sound_bytes);
    EXPECT_EQ(bed.append_ok({}), 2);
  }
}

TEST(LogRecovery, damage_in_the_middle_is_kept_aside_and_not_dropped_in_silence) {
  LogTestBed bed;
  for (int i = 0; i < 3; ++i)
    bed.append_ok({.value_bytes = 200});
  const uint64_t batch_bytes = bed.log->size_bytes() / 3;
  bed.crash();
  bed.overwrite(bed.file(".log"), batch_bytes + 100, "x");
  bed.open(false);
  EXPECT_EQ(bed.log->end_offset(), 1);
  const std::string aside = ".log.at-" + std::to_string(batch_bytes) + ".corrupt";
  EXPECT_EQ(bed.content(bed.file(aside)).size(), 2 * batch_bytes);
}

TEST(LogRecovery, segments_behind_a_damaged_one_are_kept_aside) {
  LogTestBed bed({.segment_bytes = 300});
  for (int i = 0; i < 3; ++i)
    bed.append_ok({.value_bytes = 200});
  bed.crash();
  bed.overwrite(bed.file(".log", 1), 100, "x");
  bed.open(false);
  EXPECT_EQ(bed.log->end_offset(), 1);
  EXPECT_TRUE(*bed.files.exists(bed.file(".log.corrupt", 2)));
  EXPECT_EQ(bed.append_ok({}), 1);
}

TEST(LogRecovery, a_segment_that_lost_its_end_is_where_the_log_ends) {
  LogTestBed bed({.segment_bytes = 600});
  for (int i = 0; i < 5; ++i)
    bed.append_ok({.value_bytes = 200});
  const uint64_t batch_bytes = bed.log->size_bytes() / 5;
  bed.crash();
  auto file = bed.files.open(bed.file(".log", 0), base::OpenMode::kReadWrite);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->truncate(batch_bytes).has_value());
  bed.open(false);
  EXPECT_EQ(bed.log->end_offset(), 1);
  EXPECT_TRUE(*bed.files.exists(bed.file(".log.corrupt", 2)));
  EXPECT_EQ(bed.append_ok({}), 1);
}

TEST(LogRecovery, snapshots_of_producers_go_with_the_segments_that_are_lost) {
  LogTestBed bed({.segment_bytes = 600});
  for (int i = 0; i < 5; ++i) {
    bed.append_ok({.value_bytes = 200, .producer_id = 9, .producer_epoch = 0, .base_sequence = i});
  }
  ASSERT_TRUE(*bed.files.exists(bed.file(".snapshot", 2)));
  bed.crash();
  auto file = bed.files.open(bed.file(".log", 0), base::OpenMode::kReadWrite);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->truncate(0).has_value());
  bed.open(false);
  EXPECT_EQ(bed.log->end_offset(), 0);
  EXPECT_FALSE(*bed.files.exists(bed.file(".snapshot", 2)));
}

TEST(LogRecovery, indexes_are_made_again_with_the_same_bytes) {
  LogTestBed bed({.segment_bytes = 20'000});
  for (int i = 0; i < 100; ++i)
    bed.append_ok({.count = 1 + i % 4, .value_bytes = 300, .timestamp_ms = 1000 + (i * 7) % 50});
  bed.stop();
  std::vector<std::string> before;
  std::vector<base::Path> paths;
  const std::vector<std::string> names = *bed.files.list(bed.folder);
  for (const std::string& name : names) {
    if (!name.ends_with("index")) continue;
    paths.push_back(bed.folder / name);
    before.push_back(bed.content(paths.back()));
    ASSERT_TRUE(bed.files.remove(paths.back()).has_value());
  }
  ASSERT_GE(paths.size(), 6u);
  bed.open(false);
  bed.stop();
  for (size_t i = 0; i < paths.size(); ++i)
    EXPECT_EQ(bed.content(paths[i]), before[i]) << paths[i];
}

TEST(LogRecovery, what_stands_below_the_recovery_point_is_not_read_again) {
  LogTestBed bed({.segment_bytes = 300});
  for (int i = 0; i < 3; ++i)
    bed.append_ok({.value_bytes = 200});
  bed.crash();
  // Damage that only a reader of segment 0 could see.
  bed.overwrite(bed.file(".log", 0), 100, "x");
  bed.open(false, 2);
  EXPECT_EQ(bed.log->end_offset(), 3);
}

TEST(LogRecovery, an_idempotent_producer_goes_on_after_a_crash_and_after_a_clean_stop) {
  for (const bool is_clean : {false, true}) {
    LogTestBed bed;
    for (int i = 0; i < 6; ++i) {
      bed.append_ok({.count = 2, .producer_id = 9, .producer_epoch = 0, .base_sequence = 2 * i});
    }
    if (is_clean) {
      bed.stop();
    } else {
      bed.crash();
    }
    bed.open(is_clean);
    for (int i = 1; i < 6; ++i) {
      const auto again =
          bed.append({.count = 2, .producer_id = 9, .producer_epoch = 0, .base_sequence = 2 * i});
      ASSERT_TRUE(again.has_value()) << is_clean << i;
      EXPECT_TRUE(again->is_duplicate);
      EXPECT_EQ(again->base_offset, 2 * i);
    }
    const auto gap =
        bed.append({.count = 2, .producer_id = 9, .producer_epoch = 0, .base_sequence = 14});
    EXPECT_EQ(gap.error().code, kafka::ErrorCode::kOutOfOrderSequenceNumber);
    const auto next =
        bed.append({.count = 2, .producer_id = 9, .producer_epoch = 0, .base_sequence = 12});
    EXPECT_TRUE(next.has_value());
  }
}

TEST(LogRecovery, a_producer_is_still_known_when_its_batches_are_in_an_older_segment) {
  LogTestBed bed({.segment_bytes = 300});
  bed.append_ok({.value_bytes = 200, .producer_id = 9, .producer_epoch = 0, .base_sequence = 0});
  bed.append_ok({.value_bytes = 200});
  bed.append_ok({.value_bytes = 200});
  bed.crash();
  bed.open(false, 2);
  const auto gap = bed.append({.producer_id = 9, .producer_epoch = 0, .base_sequence = 5});
  ASSERT_FALSE(gap.has_value());
  EXPECT_EQ(gap.error().code, kafka::ErrorCode::kOutOfOrderSequenceNumber);
}

TEST(LogRecovery, the_leader_epoch_tells_where_a_log_was_cut) {
  LogTestBed bed;
  bed.append_ok({.count = 10});
  bed.append_ok({.count = 10});
  const uint64_t bytes = bed.log->size_bytes();
  bed.crash();
  bed.overwrite(bed.file(".log"), bytes - 1, "x");  // the second batch is lost
  bed.leader_epoch = 1;
  bed.open(false);
  bed.append_ok({});
  const auto end = bed.log->epochs().end_of(0, 1, bed.log->end_offset());
  EXPECT_EQ(end.epoch, 0);
  EXPECT_EQ(end.end_offset, 10);
  EXPECT_EQ(bed.content(bed.folder / "leader-epoch-checkpoint"), "0\n2\n0 0\n1 10\n");
  EXPECT_EQ(bed.log->epochs().epoch_at(9), 0);
  EXPECT_EQ(bed.log->epochs().epoch_at(10), 1);
}

}  // namespace
}  // namespace ticklake::broker
