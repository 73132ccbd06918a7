#include "feed/pace.h"

#include <gtest/gtest.h>

namespace ticklake::feed {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Pace, reads_rates_and_speeds_and_refuses_the_rest) {
  EXPECT_EQ(Pace::parse_rate("1000/s")->value, 1000);
  EXPECT_EQ(Pace::parse_rate("30/m")->value, 0.5);
  EXPECT_EQ(Pace::parse_rate("max")->kind, Pace::Kind::kMax);
  EXPECT_EQ(Pace::parse_speed("real")->value, 1);
  EXPECT_EQ(Pace::parse_speed("0.5x")->value, 0.5);
  for (const char* text : {"", "0/s", "-1/s", "nan/s", "inf", "1/d", "fast"})
    EXPECT_FALSE(Pace::parse_rate(text)) << text;
  for (const char* text : {"", "10", "0x", "x", "1/s"})
    EXPECT_FALSE(Pace::parse_speed(text)) << text;
}

TEST(Pacer, a_rate_spaces_records_evenly) {
  const base::MonotonicTime start{seconds(5)};
  Pacer pacer(Pace::at_rate(1000), start);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(pacer.next_due(std::nullopt, start), start + milliseconds(i));
}

TEST(Pacer, a_long_stop_is_caught_up_to_the_bound_only) {
  const base::MonotonicTime start{seconds(5)};
  Pacer pacer(Pace::at_rate(10), start);
  pacer.next_due(std::nullopt, start);
  const base::MonotonicTime later = start + hours(1);
  int at_once = 0;
  while (pacer.next_due(std::nullopt, later) <= later)
    ++at_once;
  EXPECT_LE(at_once, 12);
  EXPECT_GE(at_once, 10);
}

TEST(Pacer, a_speed_divides_the_gaps_and_a_step_back_waits_for_nothing) {
  const base::MonotonicTime start{seconds(5)};
  const base::WallTime first{hours(24)};
  Pacer pacer(Pace::at_speed(10), start);
  EXPECT_EQ(pacer.next_due(first, start), start);
  EXPECT_EQ(pacer.next_due(first + seconds(10), start), start + seconds(1));
  EXPECT_EQ(pacer.next_due(first, start), start + seconds(1));
  EXPECT_EQ(pacer.next_due(std::nullopt, start), start + seconds(1));
  EXPECT_EQ(pacer.next_due(first + seconds(10), start), start + seconds(2));
}

}  // namespace
}  // namespace ticklake::feed
