#include "broker/log/producer_state.h"

#include <limits>

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;

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

TEST(ProducerState, the_last_five_batches_are_known_again_and_the_sixth_is_not) {
  ProducerState state;
  for (int i = 0; i < 6; ++i)
    state.update(batch(0, 10 * i, 10, 100 + 10 * i));
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
  state.update(batch(1, 0, 5));
  EXPECT_EQ(state.check(batch(1, 5)).error, ErrorCode::kNone);
  EXPECT_EQ(state.check(batch(1, 6)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(state.check(batch(0, 5)).error, ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(state.check(batch(2, 5)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(state.check(batch(2, 0)).error, ErrorCode::kNone);
}

TEST(ProducerState, sequences_go_from_the_largest_number_to_0) {
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
  ProducerState state;
  state.update(batch(0, kMax - 1, 3));  // kMax - 1, kMax, 0
  EXPECT_EQ(state.check(batch(0, 1)).error, ErrorCode::kNone);
  EXPECT_EQ(state.check(batch(0, 0)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_TRUE(state.check(batch(0, kMax - 1, 3)).duplicate_of.has_value());
}

TEST(ProducerState, a_snapshot_restores_the_last_batch_and_a_damaged_one_is_refused) {
  ProducerState state;
  state.update(batch(3, 10, 5, 50));
  base::Bytes snapshot = state.snapshot();
  ProducerState restored;
  ASSERT_TRUE(restored.restore(snapshot).has_value());
  EXPECT_EQ(restored.check(batch(3, 10, 5)).duplicate_of->base_offset, 50);
  EXPECT_EQ(restored.check(batch(3, 15)).error, ErrorCode::kNone);
  EXPECT_EQ(restored.check(batch(2, 15)).error, ErrorCode::kInvalidProducerEpoch);
  snapshot.back() ^= std::byte{1};
  EXPECT_FALSE(ProducerState().restore(snapshot).has_value());
}

TEST(ProducerState, a_producer_that_is_silent_for_a_day_is_forgotten) {
  ProducerState state;
  state.update(batch(0, 0));
  state.expire(1000 + ProducerState::kExpirationMs);
  EXPECT_FALSE(state.empty());
  state.expire(1001 + ProducerState::kExpirationMs);
  EXPECT_TRUE(state.empty());
}

}  // namespace
}  // namespace ticklake::broker
