#include "broker/log/producer_state.h"

#include <limits>

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kSilenceMaxMs = 24 * 60 * 60 * 1000;

kafka::BatchHeader batch(int16_t epoch, int32_t sequence, int32_t count = 1, int64_t offset = 0) {
  kafka::BatchHeader header;
  header.base_offset = offset;
  header.producer_id = 7;
  header.producer_epoch = epoch;
  header.base_sequence = sequence;
  header.last_offset_delta = count - 1;
  header.record_count = count;
  header.max_timestamp_ms = 1000;
  return header;
}

kafka::BatchHeader transactional(int64_t producer_id, int16_t epoch, int32_t sequence,
                                 int64_t offset) {
  kafka::BatchHeader header = batch(epoch, sequence, 1, offset);
  header.producer_id = producer_id;
  header.attributes = 0x10;
  return header;
}

kafka::BatchHeader marker(int64_t producer_id, int16_t epoch, int64_t offset) {
  kafka::BatchHeader header = transactional(producer_id, epoch, -1, offset);
  header.attributes = 0x30;
  return header;
}

TEST(ProducerState, the_last_five_batches_are_known_again_and_the_sixth_is_not) {
  ProducerState state;
  for (int i = 0; i < 6; ++i)
    state.update(batch(0, 10 * i, 10, 100 + 10 * i), kNow);
  for (int i = 1; i < 6; ++i) {
    const auto verdict = state.check(batch(0, 10 * i, 10));
    ASSERT_TRUE(verdict.duplicate_of.has_value());
    EXPECT_EQ(verdict.duplicate_of->base_offset, 100 + 10 * i);
  }
  EXPECT_EQ(state.check(batch(0, 0, 10)).error, ErrorCode::kOutOfOrderSequenceNumber);
}

TEST(ProducerState, gaps_stale_epochs_and_new_epochs_that_do_not_start_at_0_are_refused) {
  ProducerState state;
  EXPECT_EQ(state.check(batch(0, 42)).error, ErrorCode::kNone) << "an unknown producer may start";
  state.update(batch(1, 0, 5), kNow);
  EXPECT_EQ(state.check(batch(1, 5)).error, ErrorCode::kNone);
  EXPECT_EQ(state.check(batch(1, 6)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(state.check(batch(0, 5)).error, ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(state.check(batch(2, 5)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(state.check(batch(2, 0)).error, ErrorCode::kNone);
}

TEST(ProducerState, sequences_go_from_the_largest_number_to_0) {
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
  ProducerState state;
  state.update(batch(0, kMax - 1, 3), kNow);  // kMax - 1, kMax, 0
  EXPECT_EQ(state.check(batch(0, 1)).error, ErrorCode::kNone);
  EXPECT_EQ(state.check(batch(0, 0)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_TRUE(state.check(batch(0, kMax - 1, 3)).duplicate_of.has_value());
}

TEST(ProducerState, a_snapshot_restores_the_last_batch_and_a_damaged_one_is_refused) {
  ProducerState state;
  state.update(batch(3, 10, 5, 50), kNow);
  base::Bytes snapshot = state.snapshot();
  ProducerState restored;
  ASSERT_TRUE(restored.restore(snapshot).has_value());
  EXPECT_EQ(restored.check(batch(3, 10, 5)).duplicate_of->base_offset, 50);
  EXPECT_EQ(restored.check(batch(3, 15)).error, ErrorCode::kNone);
  EXPECT_EQ(restored.check(batch(2, 15)).error, ErrorCode::kInvalidProducerEpoch);
  snapshot.back() ^= std::byte{1};
  EXPECT_FALSE(ProducerState().restore(snapshot).has_value());
}

TEST(ProducerState, a_producer_silent_for_a_day_is_forgotten_whatever_time_its_records_bear) {
  ProducerState state;
  auto header = batch(0, 0);
  for (const int64_t timestamp_ms : {int64_t{0}, 10 * kNow}) {
    header.max_timestamp_ms = timestamp_ms;
    state.update(header, kNow);
    state.expire(kNow + kSilenceMaxMs, kSilenceMaxMs);
    EXPECT_FALSE(state.empty());
    state.expire(kNow + 1 + kSilenceMaxMs, kSilenceMaxMs);
    EXPECT_TRUE(state.empty());
  }
}

TEST(ProducerState, a_producer_that_was_loaded_has_a_day_from_then_on) {
  ProducerState state;
  state.update(batch(0, 0), std::nullopt);
  state.expire(kNow, kSilenceMaxMs);
  state.expire(kNow + kSilenceMaxMs, kSilenceMaxMs);
  EXPECT_FALSE(state.empty());
  state.expire(kNow + 1 + kSilenceMaxMs, kSilenceMaxMs);
  EXPECT_TRUE(state.empty());
}

TEST(ProducerState, one_with_an_open_transaction_is_never_forgotten) {
  ProducerState state;
  state.update(transactional(7, 0, 0, 100), kNow);
  state.expire(kNow + 2 * kSilenceMaxMs, kSilenceMaxMs);
  EXPECT_EQ(state.first_unstable_offset(1000), 100);
  for (int64_t id = 1000; id < 1000 + 2 * int64_t{ProducerState::kProducersMax}; ++id) {
    auto header = batch(0, 0);
    header.producer_id = id;
    state.update(header, kNow + id);
  }
  EXPECT_NE(state.find(7), nullptr);
}

TEST(ProducerState, there_are_never_more_than_the_limit_and_those_heard_of_last_stay) {
  ProducerState state;
  const int64_t count = ProducerState::kProducersMax + 1;
  for (int64_t id = 0; id < count; ++id) {
    auto header = batch(0, 0);
    header.producer_id = id;
    state.update(header, kNow + id);
    ASSERT_LE(state.producers().size(), ProducerState::kProducersMax);
  }
  EXPECT_EQ(state.find(0), nullptr);
  EXPECT_NE(state.find(count - 1), nullptr);
  EXPECT_NE(state.find(count / 2), nullptr);
}

TEST(ProducerState, a_transaction_is_unstable_until_its_marker_is_below_the_high_watermark) {
  ProducerState state;
  state.update(transactional(7, 0, 0, 100), kNow);
  state.update(transactional(8, 0, 0, 101), kNow);
  state.update(transactional(7, 0, 1, 102), kNow);
  EXPECT_EQ(state.first_unstable_offset(103), 100);
  const auto ended = state.update(marker(7, 0, 103), {true, 0}, kNow);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->first_offset, 100);
  EXPECT_EQ(ended->last_stable_offset, 101) << "the other one is open";
  EXPECT_EQ(state.first_unstable_offset(103), 100) << "the marker is not durable";
  EXPECT_EQ(state.first_unstable_offset(104), 101);
  EXPECT_EQ(state.update(marker(8, 0, 104), {false, 0}, kNow)->last_stable_offset, 105);
  EXPECT_EQ(state.first_unstable_offset(105), std::nullopt);
}

TEST(ProducerState, a_marker_of_a_new_epoch_fences_and_its_sequences_begin_at_0) {
  ProducerState state;
  state.update(transactional(7, 3, 0, 100), kNow);
  EXPECT_EQ(state.check_marker(7, 2, 0), ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(state.check_marker(7, 4, 0), ErrorCode::kNone);
  state.update(marker(7, 4, 101), {false, 5}, kNow);
  EXPECT_EQ(state.check_marker(7, 4, 4), ErrorCode::kTransactionCoordinatorFenced);
  EXPECT_EQ(state.check(transactional(7, 3, 1, 0)).error, ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(state.check(transactional(7, 4, 1, 0)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(state.check(transactional(7, 4, 0, 0)).error, ErrorCode::kNone);
}

TEST(ProducerState, in_a_transaction_nothing_is_taken_that_is_not_part_of_it) {
  ProducerState state;
  state.update(transactional(7, 0, 0, 100), kNow);
  EXPECT_EQ(state.check(batch(0, 1)).error, ErrorCode::kInvalidTxnState);
  EXPECT_EQ(state.check(transactional(7, 0, 1, 0)).error, ErrorCode::kNone);
}

TEST(ProducerState, open_transactions_and_fences_are_in_the_snapshot) {
  ProducerState state;
  state.update(transactional(7, 0, 0, 100), kNow);
  state.update(transactional(8, 1, 0, 101), kNow);
  state.update(marker(8, 2, 102), {true, 9}, kNow);
  ProducerState restored;
  ASSERT_TRUE(restored.restore(state.snapshot()).has_value());
  EXPECT_EQ(restored.first_unstable_offset(103), 100);
  EXPECT_EQ(restored.find(7)->open_since, 100);
  EXPECT_EQ(restored.find(8)->coordinator_epoch, 9);
  EXPECT_EQ(restored.check(transactional(8, 2, 0, 0)).error, ErrorCode::kNone);
  EXPECT_EQ(restored.check_marker(8, 2, 8), ErrorCode::kTransactionCoordinatorFenced);
}

}  // namespace
}  // namespace ticklake::broker
