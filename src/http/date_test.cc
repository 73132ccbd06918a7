#include "http/date.h"

#include <gmock/gmock.h>

namespace ticklake::http {
namespace {

using namespace std::chrono_literals;

constexpr base::WallTime kMoment{784'111'777s};  // the example of RFC 9110
constexpr base::WallTime kNow{1'767'225'600s};   // 2026-01-01

TEST(Date, IsWrittenAsTheStandardSays) {
  EXPECT_EQ(format_date(kMoment), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_date(kMoment + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_date(base::WallTime{}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Date, AllThreeFormsAreRead) {
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kMoment);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kMoment);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994", kNow), kMoment);
}

TEST(Date, YearsOfTwoDigitsAreNotFarInTheFuture) {
  const auto near = parse_date("Friday, 31-Dec-75 23:59:59 GMT", kNow);
  const auto far = parse_date("Friday, 31-Dec-77 23:59:59 GMT", kNow);
  ASSERT_TRUE(near && far);
  EXPECT_EQ(format_date(*near).substr(12, 4), "2075");
  EXPECT_EQ(format_date(*far).substr(12, 4), "1977");
}

TEST(Date, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "x", "Sun", "Sun,", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 30 Feb 2025 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 9999 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "2026-01-01T00:00:00Z",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun Nov 66 08:49:37 1994"})
    EXPECT_EQ(parse_date(text, kNow), std::nullopt) << text;
}

TEST(Date, WhatIsWrittenIsReadBack) {
  for (int64_t second = 0; second < 8'000'000'000; second += 123'456'789) {
    const base::WallTime time{std::chrono::seconds{second}};
    EXPECT_EQ(parse_date(format_date(time), kNow), time);
  }
}

}  // namespace
}  // namespace ticklake::http
