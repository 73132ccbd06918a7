#include <gtest/gtest.h>

#include "broker/log/log_test_bed.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;

using FirstOffsets = std::vector<std::pair<int64_t, int64_t>>;

/// (producer id, first offset) of the aborted transactions that a reader of that range is told of.
FirstOffsets aborted(LogTestBed& bed, int64_t from, int64_t to) {
  FirstOffsets found;
  const auto transactions = bed.log->aborted_transactions(from, to);
  EXPECT_TRUE(transactions.has_value());
  for (const AbortedTransaction& one : *transactions)
    found.emplace_back(one.producer_id, one.first_offset);
  return found;
}

int64_t stable(LogTestBed& bed) { return bed.log->last_stable_offset(bed.log->end_offset()); }

TEST(LogTransactions, the_last_stable_offset_stops_at_the_oldest_that_is_open) {
  LogTestBed bed;
  bed.append_ok({});               // 0
  bed.append_transactional(7, 0);  // 1
  bed.append_transactional(8, 0);  // 2
  EXPECT_EQ(stable(bed), 1);
  EXPECT_EQ(bed.end_transaction(7, true), 3) << "a control batch takes an offset";
  EXPECT_EQ(stable(bed), 2);
  bed.end_transaction(8, false);
  EXPECT_EQ(stable(bed), 5);
}

TEST(LogTransactions, what_is_not_durable_is_not_stable) {
  LogTestBed bed;
  bed.append_transactional(7, 0);
  bed.end_transaction(7, true);
  EXPECT_EQ(bed.log->last_stable_offset(0), 0);
  EXPECT_EQ(bed.log->last_stable_offset(1), 0) << "the marker is not below the high watermark";
  EXPECT_EQ(bed.log->last_stable_offset(2), 2);
}

TEST(LogTransactions, readers_are_told_of_the_aborted_ones_that_overlap_what_they_get) {
  LogTestBed bed;
  bed.append_transactional(7, 0);  // 0
  bed.append_transactional(8, 0);  // 1
  bed.end_transaction(7, false);   // 2
  bed.append_ok({});               // 3
  bed.end_transaction(8, true);    // 4
  bed.append_transactional(9, 0);  // 5
  bed.end_transaction(9, false);   // 6
  EXPECT_EQ(aborted(bed, 0, 7), (FirstOffsets{{7, 0}, {9, 5}}));
  EXPECT_EQ(aborted(bed, 0, 5), (FirstOffsets{{7, 0}}));
  EXPECT_EQ(aborted(bed, 2, 5), (FirstOffsets{{7, 0}}));
  EXPECT_EQ(aborted(bed, 3, 5), FirstOffsets{});
  EXPECT_EQ(aborted(bed, 3, 6), (FirstOffsets{{9, 5}}));
}

TEST(LogTransactions, an_abort_is_found_from_data_in_segments_before_its_marker) {
  LogTestBed bed({.segment_bytes = 300});
  bed.append_transactional(7, 0);
  for (int i = 0; i < 4; ++i)
    bed.append_ok({.value_bytes = 200});
  const int64_t marker = bed.end_transaction(7, false);
  for (int i = 0; i < 4; ++i)
    bed.append_ok({.value_bytes = 200});
  EXPECT_EQ(aborted(bed, 0, 1), (FirstOffsets{{7, 0}}));
  bed.stop();
  bed.open(true);
  EXPECT_EQ(aborted(bed, 0, 1), (FirstOffsets{{7, 0}}));
  EXPECT_EQ(aborted(bed, marker + 1, bed.log->end_offset()), FirstOffsets{});
}

TEST(LogTransactions, the_index_has_kafkas_34_bytes_an_entry_and_is_there_only_if_it_has_one) {
  LogTestBed bed;
  bed.append_transactional(7, 0);
  bed.append_transactional(8, 0);
  bed.end_transaction(8, true);
  bed.stop();
  EXPECT_FALSE(*bed.files.exists(bed.file(".txnindex")));
  bed.open(true);
  bed.append_transactional(9, 0);  // 3
  bed.end_transaction(9, false);   // 4
  bed.stop();
  const std::string expected(
      "\0\0"
      "\0\0\0\0\0\0\0\11"
      "\0\0\0\0\0\0\0\3"
      "\0\0\0\0\0\0\0\4"
      "\0\0\0\0\0\0\0\0",
      34);
  EXPECT_EQ(bed.content(bed.file(".txnindex")), expected);
}

TEST(LogTransactions, a_marker_has_the_bytes_that_kafka_gives_it) {
  const auto batch = write_end_marker(7, 3, {true, 5}, 1000);
  ASSERT_TRUE(batch.has_value());
  const auto header = kafka::parse_batch_header(*batch);
  EXPECT_EQ(header->attributes, 0x30);
  EXPECT_EQ(header->producer_id, 7);
  EXPECT_EQ(header->producer_epoch, 3);
  EXPECT_EQ(header->base_sequence, -1);
  const auto records = kafka::BatchRecords::read(*batch, 1000);
  EXPECT_EQ(records->records()[0].key, std::string_view("\0\0\0\1", 4));
  EXPECT_EQ(records->records()[0].value, std::string_view("\0\0\0\0\0\5", 6));
  EXPECT_TRUE(parse_end_marker(*batch)->is_commit);
  EXPECT_EQ(parse_end_marker(*batch)->coordinator_epoch, 5);
}

TEST(LogTransactions, all_is_as_it_was_after_a_crash_and_after_a_clean_stop) {
  for (const bool is_clean : {false, true}) {
    for (const uint64_t segment_bytes : {uint64_t{250}, uint64_t{1} << 20}) {
      LogTestBed bed({.segment_bytes = segment_bytes});
      bed.append_transactional(7, 0);    // 0
      bed.end_transaction(7, false);     // 1
      bed.append_transactional(8, 0);    // 2
      bed.append_transactional(9, 0);    // 3
      bed.end_transaction(9, false, 1);  // 4: fenced
      bed.append_ok({});                 // 5
      if (is_clean) {
        bed.stop();
      } else {
        bed.crash();
      }
      bed.open(is_clean);
      EXPECT_EQ(stable(bed), 2);
      EXPECT_EQ(aborted(bed, 0, 6), (FirstOffsets{{7, 0}, {9, 3}}));
      EXPECT_EQ(bed.append({.producer_id = 9,
                            .producer_epoch = 0,
                            .base_sequence = 1,
                            .is_transactional = true})
                    .error()
                    .code,
                ErrorCode::kInvalidProducerEpoch);
      bed.append_transactional(8, 1);
      bed.end_transaction(8, true);
      EXPECT_EQ(stable(bed), 8);
      EXPECT_EQ(aborted(bed, 0, 8), (FirstOffsets{{7, 0}, {9, 3}}));
    }
  }
}

TEST(LogTransactions, an_index_that_does_not_read_is_made_again_from_the_log) {
  for (const std::string damage : {"x", "xx"}) {
    LogTestBed bed({.segment_bytes = 250});
    bed.append_transactional(7, 0);
    bed.end_transaction(7, false);
    bed.append_transactional(8, 0);
    bed.append_ok({.value_bytes = 200});
    bed.stop();
    ASSERT_TRUE(*bed.files.exists(bed.file(".txnindex")));
    bed.overwrite(bed.file(".txnindex"), damage.size() == 1 ? 34 : 0, damage);
    bed.open(true);
    EXPECT_EQ(aborted(bed, 0, 3), (FirstOffsets{{7, 0}}));
    EXPECT_EQ(stable(bed), 2);
  }
}

TEST(LogTransactions, what_was_not_on_disk_of_index_and_snapshot_is_made_again_from_the_log) {
  LogTestBed bed({.segment_bytes = 250});
  bed.append_transactional(7, 0);       // 0
  bed.end_transaction(7, false);        // 1
  bed.append_transactional(8, 0);       // 2
  bed.append_ok({.value_bytes = 200});  // 3, in a segment of its own
  bed.crash();
  int removed = 0;
  const std::vector<std::string> names = *bed.files.list(bed.folder);
  for (const std::string& name : names) {
    if (!name.ends_with(".txnindex") && !name.ends_with(".snapshot")) continue;
    ASSERT_TRUE(bed.files.remove(bed.folder / name).has_value());
    ++removed;
  }
  ASSERT_GE(removed, 2);
  // The records of all but the last segment were synced, and nothing after the last roll.
  bed.open(false, 3);
  EXPECT_EQ(aborted(bed, 0, 3), (FirstOffsets{{7, 0}}));
  EXPECT_EQ(stable(bed), 2);
}

TEST(LogTransactions, what_recovery_keeps_is_on_disk_before_anybody_reads_it) {
  LogTestBed bed({.segment_bytes = 250});
  bed.append_transactional(7, 0);
  bed.end_transaction(7, false);
  bed.append_ok({.value_bytes = 200});
  bed.crash();
  bed.open(false);
  EXPECT_EQ(bed.log->recovery_point(), bed.log->end_offset());
  EXPECT_FALSE(bed.log->has_unsynced());
}

TEST(LogTransactions, a_lost_offset_index_does_not_take_the_aborted_ones_with_it) {
  LogTestBed bed({.segment_bytes = 250});
  bed.append_transactional(7, 0);
  bed.end_transaction(7, false);
  bed.append_ok({.value_bytes = 200});
  bed.stop();
  ASSERT_TRUE(bed.files.remove(bed.file(".index")).has_value());
  for (int round = 0; round < 2; ++round) {
    bed.open(true);
    EXPECT_EQ(aborted(bed, 0, 1), (FirstOffsets{{7, 0}}));
    bed.stop();
  }
}

TEST(LogTransactions, open_ones_are_found_in_the_log_if_the_snapshot_of_a_clean_stop_is_damaged) {
  LogTestBed bed({.segment_bytes = 250});
  bed.append_transactional(7, 0);
  for (int i = 0; i < 3; ++i)
    bed.append_ok({.value_bytes = 200});
  bed.stop();
  int damaged = 0;
  const std::vector<std::string> names = *bed.files.list(bed.folder);
  for (const std::string& name : names) {
    if (!name.ends_with(".snapshot")) continue;
    bed.overwrite(bed.folder / name, 10, "x");
    ++damaged;
  }
  ASSERT_GE(damaged, 2);
  bed.open(true);
  EXPECT_EQ(stable(bed), 0);
}

TEST(LogTransactions, a_cut_log_has_the_transactions_of_what_is_left) {
  LogTestBed bed;
  bed.append_transactional(7, 0);
  const uint64_t before_marker = bed.log->size_bytes();
  bed.end_transaction(7, false);
  bed.crash();
  bed.overwrite(bed.file(".log"), before_marker + 30, "torn");
  bed.open(false);
  EXPECT_EQ(bed.log->end_offset(), 1);
  EXPECT_EQ(stable(bed), 0);
  EXPECT_EQ(aborted(bed, 0, 1), FirstOffsets{});
  bed.end_transaction(7, true);
  EXPECT_EQ(stable(bed), 2);
}

TEST(LogTransactions, a_marker_without_a_transaction_changes_nothing_for_readers) {
  LogTestBed bed;
  bed.append_transactional(7, 0);
  bed.end_transaction(7, false);
  bed.end_transaction(7, false);
  EXPECT_EQ(stable(bed), 3);
  EXPECT_EQ(aborted(bed, 0, 3), (FirstOffsets{{7, 0}}));
}

TEST(LogTransactions, an_abort_goes_with_the_segment_of_its_marker) {
  LogTestBed bed({.segment_bytes = 300, .retention_ms = 1000});
  bed.append_transactional(7, 0);
  bed.end_transaction(7, false);
  bed.append_ok({.value_bytes = 200, .timestamp_ms = 100'000});
  bed.log->synced(bed.log->take_sync_work().end_offset);
  ASSERT_TRUE(*bed.log->apply_retention(100'000));
  EXPECT_EQ(bed.log->start_offset(), 2);
  EXPECT_FALSE(*bed.files.exists(bed.file(".txnindex")));
}

TEST(LogTransactions, a_duplicate_is_answered_with_the_time_of_the_first_append) {
  LogTestBed bed({.timestamp_type = kafka::TimestampType::kLogAppendTime});
  const BatchSpec spec{.producer_id = 7, .producer_epoch = 0, .base_sequence = 0};
  ASSERT_EQ(bed.append(spec, 7777)->log_append_time_ms, 7777);
  const auto again = bed.append(spec, 8888);
  EXPECT_TRUE(again->is_duplicate);
  EXPECT_EQ(again->log_append_time_ms, 7777);
}

}  // namespace
}  // namespace ticklake::broker
