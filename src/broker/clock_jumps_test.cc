// The machine's time is set forward and back while the broker runs. Whoever waits, waits on the
// monotonic clock; the log rolls, and ages, by the times of its records.

#include <gtest/gtest.h>

#include "broker/broker_test_bed.h"
#include "broker/group/group_test_bed.h"
#include "broker/txn/txn_test_bed.h"

namespace ticklake::broker {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr hours kYear{365 * 24};

constexpr const char* kPrices = "prices";

/// While no time passes.
void set_wall(base::ManualClock& clock, base::WallTime wall) {
  const auto passed = clock.monotonic_now().time_since_epoch();
  clock = base::ManualClock(wall - passed);
  clock.advance(passed);
}

class ClockJumps : public testing::TestWithParam<hours> {
 protected:
  template <typename Bed>
  static void jump(Bed& bed) {
    set_wall(bed.clock, bed.clock.wall_now() + GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(forward_and_back, ClockJumps, testing::Values(kYear, -kYear));

TEST_P(ClockJumps, segments_roll_by_the_times_of_records) {
  BrokerTestBed bed;
  bed.make_topic(kPrices, 1, {{"segment.ms", "3600000"}});
  const int64_t recorded_ms = bed.now_ms();
  bed.append(kPrices, {.timestamp_ms = recorded_ms});
  jump(bed);
  for (int i = 0; i < 10; ++i)
    bed.append(kPrices, {.timestamp_ms = recorded_ms + i});
  EXPECT_TRUE(bed.log(kPrices).closed_segments().empty());
  bed.append(kPrices, {.timestamp_ms = recorded_ms + 3'600'001});
  EXPECT_EQ(bed.log(kPrices).closed_segments().size(), 1u);
}

TEST_P(ClockJumps, records_of_the_time_that_is_now_are_kept) {
  BrokerTestBed bed;
  bed.make_topic(kPrices, 1, {{"segment.bytes", "100"}, {"retention.ms", "3600000"}});
  jump(bed);
  for (int i = 0; i < 5; ++i)
    bed.append(kPrices, {.timestamp_ms = bed.now_ms()});
  bed.sync();
  bed.logs->apply_retention(bed.now_ms());
  EXPECT_EQ(bed.log(kPrices).start_offset(), 0);
}

TEST(ClockJump, of_a_year_back_and_forth_again_deletes_nothing) {
  BrokerTestBed bed;
  bed.make_topic(kPrices, 1, {{"segment.bytes", "100"}, {"retention.ms", "3600000"}});
  const auto before = bed.clock.wall_now();
  bed.append(kPrices, {.timestamp_ms = bed.now_ms()});
  set_wall(bed.clock, before - kYear);
  bed.append(kPrices, {.timestamp_ms = base::to_unix_ms(before)});
  bed.sync();
  bed.logs->apply_retention(bed.now_ms());
  set_wall(bed.clock, before);
  bed.logs->apply_retention(bed.now_ms());
  EXPECT_EQ(bed.log(kPrices).start_offset(), 0);
  EXPECT_EQ(bed.log(kPrices).end_offset(), 2);
}

TEST_P(ClockJumps, what_waits_for_flush_ms_does_not_wait_for_the_clock) {
  BrokerTestBed bed;
  bed.make_topic(kPrices, 1, {{"flush.ms", "1000"}});
  bed.append(kPrices, {.timestamp_ms = bed.now_ms()});
  EXPECT_FALSE(bed.log(kPrices).is_flush_due(bed.now_ms()));
  jump(bed);
  EXPECT_TRUE(bed.log(kPrices).is_flush_due(bed.now_ms()));
}

TEST_P(ClockJumps, a_member_has_its_session_and_no_more) {
  GroupTestBed bed;
  const std::string id = bed.stable_single();
  jump(bed);
  bed.advance(seconds{1});
  EXPECT_EQ(bed.heartbeat(id, 1), kafka::ErrorCode::kNone);
  jump(bed);
  bed.advance(hours{1});
  EXPECT_EQ(bed.heartbeat(id, 1), kafka::ErrorCode::kUnknownMemberId);
}

TEST_P(ClockJumps, a_transaction_has_its_time_and_no_more) {
  TxnTestBed bed;
  const auto producer = bed.producer();
  EXPECT_EQ(bed.add(producer, {{kPrices, 0}}), kafka::ErrorCode::kNone);
  jump(bed);
  bed.advance(seconds{59});
  EXPECT_EQ(bed.state(), TxnState::kOngoing);
  bed.advance(seconds{2});
  bed.flush();
  EXPECT_EQ(bed.state(), TxnState::kCompleteAbort);
}

TEST_P(ClockJumps, a_transaction_that_a_restart_finds_has_its_time_at_most) {
  TxnTestBed bed;
  const auto producer = bed.producer();
  EXPECT_EQ(bed.add(producer, {{kPrices, 0}}), kafka::ErrorCode::kNone);
  bed.flush();
  jump(bed);
  bed.restart();
  bed.advance(seconds{61});
  bed.flush();
  EXPECT_EQ(bed.state(), TxnState::kCompleteAbort);
}

}  // namespace
}  // namespace ticklake::broker
