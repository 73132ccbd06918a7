#include "broker/log/partition_log.h"

#include <gtest/gtest.h>

#include "broker/log/log_test_bed.h"

namespace ticklake::broker {
namespace {

std::vector<uint64_t> big_endian_words(const std::string& bytes, const std::vector<int>& widths) {
  std::vector<uint64_t> words;
  base::ByteReader reader(base::as_bytes(bytes));
  while (reader.remaining() > 0) {
    for (const int width : widths)
      words.push_back(width == 8 ? reader.big_endian<uint64_t>() : reader.big_endian<uint32_t>());
  }
  EXPECT_TRUE(reader.ok());
  return words;
}

TEST(PartitionLog, offsets_follow_one_another_and_what_is_read_is_what_was_written) {
  LogTestBed bed;
  EXPECT_EQ(bed.append_ok({.count = 3}), 0);
  EXPECT_EQ(bed.append_ok({.count = 2}), 3);
  EXPECT_EQ(bed.log->end_offset(), 5);
  const auto batches = bed.read(0);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].base_offset, 0);
  EXPECT_EQ(batches[1].base_offset, 3);
  EXPECT_EQ(batches[1].leader_epoch, 0);
}

TEST(PartitionLog, an_offset_inside_a_batch_gives_the_whole_batch) {
  LogTestBed bed;
  bed.append_ok({.count = 3});
  bed.append_ok({.count = 3});
  ASSERT_EQ(bed.read(4).size(), 1u);
  EXPECT_EQ(bed.read(4)[0].base_offset, 3);
}

TEST(PartitionLog, the_first_batch_comes_whole_even_above_the_limit_and_only_if_asked_for) {
  LogTestBed bed;
  bed.append_ok({.value_bytes = 5000});
  bed.append_ok({.value_bytes = 5000});
  EXPECT_EQ(bed.read(0, 1).size(), 1u);
  EXPECT_EQ(bed.read(0, 0).size(), 1u);
  EXPECT_EQ(bed.log->read(0, 2, 1, false)->size, 0u);
}

TEST(PartitionLog, readers_see_nothing_at_or_above_the_limit_they_are_given) {
  LogTestBed bed;
  bed.append_ok({.count = 2});
  bed.append_ok({.count = 2});
  const auto buffer = bed.log->read(0, 2, 1 << 20, true);
  ASSERT_TRUE(buffer.has_value());
  EXPECT_EQ(kafka::parse_batch_header(buffer->view())->size(), buffer->size);
  EXPECT_EQ(bed.log->read(2, 2, 1 << 20, true)->size, 0u);
}

TEST(PartitionLog, an_offset_outside_of_the_log_is_out_of_range) {
  LogTestBed bed;
  bed.append_ok({});
  EXPECT_EQ(bed.log->read(1, 1, 100, true)->size, 0u);
  EXPECT_EQ(bed.log->read(2, 1, 100, true).error().code, kafka::ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(bed.log->read(-1, 1, 100, true).error().code, kafka::ErrorCode::kOffsetOutOfRange);
}

TEST(PartitionLog, every_offset_is_found_over_many_segments_and_after_a_restart) {
  LogTestBed bed({.segment_bytes = 20'000});
  for (int i = 0; i < 300; ++i)
    bed.append_ok({.count = 1 + i % 3, .value_bytes = 700, .timestamp_ms = 1000 + i});
  const int64_t end = bed.log->end_offset();
  for (int round = 0; round < 2; ++round) {
    for (int64_t offset = 0; offset < end; ++offset) {
      const auto batches = bed.read(offset, 100);
      ASSERT_EQ(batches.size(), 1u) << offset;
      EXPECT_LE(batches[0].base_offset, offset);
      EXPECT_GE(batches[0].last_offset(), offset);
    }
    bed.stop();
    bed.open(true);
    ASSERT_EQ(bed.log->end_offset(), end);
  }
}

TEST(PartitionLog, a_reader_that_goes_on_crosses_the_end_of_a_segment) {
  LogTestBed bed({.segment_bytes = 3000});
  bed.append_ok({.value_bytes = 2000});
  ASSERT_EQ(bed.read(0).size(), 1u);
  bed.append_ok({.value_bytes = 2000});
  EXPECT_EQ(bed.read(1).at(0).base_offset, 1);
}

TEST(PartitionLog, indexes_have_the_bytes_that_kafka_writes) {
  LogTestBed bed;
  // Batches of 61 + 4 + 7 + 2000 + … bytes: an entry with the batch after more than 4,096 bytes.
  for (int i = 0; i < 7; ++i)
    bed.append_ok({.count = 2, .value_bytes = 1000, .timestamp_ms = 1000 + (i == 3 ? 50 : i)});
  const uint64_t batch_bytes = bed.log->size_bytes() / 7;
  ASSERT_GT(3 * batch_bytes, 4096u);
  ASSERT_LT(batch_bytes, 4096u);
  const uint64_t step = 2 * batch_bytes > 4096 ? 2 : 3;
  bed.stop();
  std::vector<uint64_t> offsets;
  for (uint64_t i = step; i < 7; i += step)
    offsets.insert(offsets.end(), {2 * i + 1, i * batch_bytes});
  EXPECT_EQ(big_endian_words(bed.content(bed.file(".index")), {4, 4}), offsets);
  // Times rise strictly: what came after the largest one adds nothing, not even at the end.
  const std::vector<uint64_t> times =
      step == 2 ? std::vector<uint64_t>{1002, 5, 1050, 7} : std::vector<uint64_t>{1050, 7};
  EXPECT_EQ(big_endian_words(bed.content(bed.file(".timeindex")), {8, 4}), times);
}

TEST(PartitionLog, the_segment_has_no_reserved_room_after_a_clean_stop) {
  LogTestBed bed;
  bed.append_ok({});
  const uint64_t size = bed.log->size_bytes();
  bed.stop();
  EXPECT_EQ(bed.content(bed.file(".log")).size(), size);
}

TEST(PartitionLog, a_time_finds_the_first_record_at_or_after_it) {
  LogTestBed bed({.segment_bytes = 2000});
  for (int i = 0; i < 50; ++i)
    bed.append_ok({.count = 2, .value_bytes = 100, .timestamp_ms = 1000 + 10 * i});
  for (int i = 0; i < 50; ++i) {
    const auto found = bed.log->find_by_time(1000 + 10 * i - 9);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->offset, 2 * i);
    EXPECT_EQ((*found)->timestamp_ms, 1000 + 10 * i);
  }
  EXPECT_FALSE(bed.log->find_by_time(1491)->has_value());
  EXPECT_EQ((*bed.log->find_max_timestamp())->offset, 98);
}

TEST(PartitionLog, append_time_replaces_the_producers_time_where_the_topic_says_so) {
  LogTestBed bed({.timestamp_type = kafka::TimestampType::kLogAppendTime});
  const auto appended = bed.append({.timestamp_ms = 1}, 7777);
  ASSERT_TRUE(appended.has_value());
  EXPECT_EQ(appended->log_append_time_ms, 7777);
  const auto batches = bed.read(0);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].timestamp_type(), kafka::TimestampType::kLogAppendTime);
  EXPECT_EQ(batches[0].max_timestamp_ms, 7777);
  EXPECT_EQ((*bed.log->find_by_time(7000))->timestamp_ms, 7777);
}

TEST(PartitionLog, a_full_disk_refuses_appends_and_not_reads_until_there_is_room) {
  LogTestBed bed;
  bed.append_ok({.value_bytes = 100});
  bed.files.is_full = true;
  const auto refused = bed.append({.value_bytes = 3 << 20});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, kafka::ErrorCode::kKafkaStorageError);
  EXPECT_EQ(bed.log->end_offset(), 1);
  EXPECT_EQ(bed.read(0).size(), 1u);
  bed.files.is_full = false;
  EXPECT_EQ(bed.append_ok({.value_bytes = 3 << 20}), 1);
}

TEST(PartitionLog, half_a_write_leaves_nothing_that_recovery_could_take_for_a_batch) {
  LogTestBed bed;
  bed.append_ok({.value_bytes = 100});
  bed.files.torn_write_bytes = 90;
  EXPECT_FALSE(bed.append({.value_bytes = 100}).has_value());
  EXPECT_EQ(bed.append_ok({.value_bytes = 10}), 1);
  bed.crash();
  bed.open(false);
  EXPECT_EQ(bed.log->end_offset(), 2);
  EXPECT_EQ(bed.read(0).size(), 2u);
}

TEST(PartitionLog, after_a_failed_fsync_nothing_is_taken_any_more) {
  LogTestBed bed;
  bed.append_ok({});
  bed.files.is_sync_failing = true;
  EXPECT_FALSE(bed.log->take_sync_work().run(bed.files).has_value());
  bed.log->set_failed();
  EXPECT_EQ(bed.append({}).error().code, kafka::ErrorCode::kKafkaStorageError);
  EXPECT_EQ(bed.read(0).size(), 1u);
  EXPECT_FALSE(bed.log->close().has_value()) << "a failed log must not leave a clean marker";
}

TEST(PartitionLog, work_for_the_disk_covers_the_segments_that_were_closed_since) {
  LogTestBed bed({.segment_bytes = 3000});
  for (int i = 0; i < 3; ++i)
    bed.append_ok({.value_bytes = 2000});
  const auto work = bed.log->take_sync_work();
  EXPECT_EQ(work.end_offset, 3);
  EXPECT_EQ(work.files.size(), 3u) << "what was appended to each";
  EXPECT_EQ(work.paths.size(), 2u * 4u) << "all files of those that were closed";
  EXPECT_TRUE(work.folder.has_value());
  EXPECT_FALSE(bed.log->has_unsynced());
}

TEST(PartitionLog, retention_drops_whole_old_segments_and_moves_the_start) {
  LogTestBed bed({.segment_bytes = 3000, .retention_ms = 1000});
  for (int i = 0; i < 4; ++i)
    bed.append_ok({.value_bytes = 2000, .timestamp_ms = 1000 * (i + 1)});
  EXPECT_FALSE(*bed.log->apply_retention(10'000)) << "not before it was synced";
  bed.log->synced(bed.log->take_sync_work().end_offset);
  EXPECT_TRUE(*bed.log->apply_retention(3'500));
  EXPECT_EQ(bed.log->start_offset(), 2);
  EXPECT_EQ(bed.log->read(1, 4, 100, true).error().code, kafka::ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(bed.read(2).at(0).base_offset, 2);
  EXPECT_FALSE(*bed.files.exists(bed.file(".log")));
}

TEST(CheckBatch, refuses_what_is_no_sound_batch_with_the_error_that_kafka_gives) {
  const base::Bytes good = make_batch({.count = 2});
  EXPECT_TRUE(check_batch(good, 1000).has_value());
  const auto error_of = [](base::ByteView bytes, size_t max = 1000) {
    const auto checked = check_batch(bytes, max);
    return checked ? kafka::ErrorCode::kNone : checked.error().code;
  };
  EXPECT_EQ(error_of({}), kafka::ErrorCode::kCorruptMessage);
  EXPECT_EQ(error_of(base::ByteView(good).first(good.size() - 1)),
            kafka::ErrorCode::kCorruptMessage);
  EXPECT_EQ(error_of(good, good.size() - 1), kafka::ErrorCode::kMessageTooLarge);
  EXPECT_EQ(error_of(good, good.size()), kafka::ErrorCode::kNone);
  base::Bytes flipped = good;
  flipped.back() ^= std::byte{1};
  EXPECT_EQ(error_of(flipped), kafka::ErrorCode::kCorruptMessage);
  base::Bytes two = good;
  two.insert(two.end(), good.begin(), good.end());
  EXPECT_EQ(error_of(two), kafka::ErrorCode::kInvalidRecord);
}

TEST(PartitionLog, a_segment_is_closed_when_its_first_record_is_old_enough) {
  LogTestBed bed({.segment_ms = 100});
  bed.append_ok({.timestamp_ms = 1000});
  bed.append_ok({.timestamp_ms = 1100});
  EXPECT_TRUE(bed.log->closed_segments().empty());
  bed.append_ok({.timestamp_ms = 1101});
  ASSERT_EQ(bed.log->closed_segments().size(), 1u);
  EXPECT_EQ(bed.log->closed_segments()[0].next_base_offset, 2);
  bed.stop();
  bed.open(true);
  bed.append_ok({.timestamp_ms = 1202});
  EXPECT_EQ(bed.log->closed_segments().size(), 2u) << "the first record's time is known again";
}

TEST(PartitionLog, records_of_any_time_are_taken_and_kept_by_retention) {
  LogTestBed bed({.retention_ms = 1000, .segment_ms = 100});
  for (const int64_t timestamp_ms : {std::numeric_limits<int64_t>::max(), int64_t{-1}, int64_t{0},
                                     std::numeric_limits<int64_t>::min()}) {
    bed.append_ok({.timestamp_ms = timestamp_ms});
  }
  bed.log->synced(bed.log->end_offset());
  EXPECT_TRUE(bed.log->apply_retention(50).has_value());
}

}  // namespace
}  // namespace ticklake::broker
