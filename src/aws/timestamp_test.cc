#include "aws/timestamp.h"

#include <gtest/gtest.h>

namespace ticklake::aws {
namespace {

constexpr base::WallTime kTime{std::chrono::milliseconds{1'795'962'600'123}};

TEST(Timestamp, is_printed_as_each_service_has_it) {
  EXPECT_EQ(to_basic_time(kTime), "20261129T143000Z");
  EXPECT_EQ(to_iso_time(kTime), "2026-11-29T14:30:00Z");
  EXPECT_EQ(to_iso_time_ms(kTime), "2026-11-29T14:30:00.123Z");
}

TEST(Timestamp, reads_the_forms_that_policies_have) {
  EXPECT_EQ(parse_iso_time("2026-11-29T14:30:00.123Z"), kTime);
  EXPECT_EQ(parse_iso_time("2026-11-29T16:30:00.123+02:00"), kTime);
  EXPECT_EQ(parse_iso_time("2026-11-29T09:00:00.123-05:30"), kTime);
  EXPECT_EQ(parse_iso_time("2026-11-29T14:30Z"), parse_basic_time("20261129T143000Z"));
  EXPECT_EQ(parse_iso_time("2026-11-29"), parse_basic_time("20261129T000000Z"));
  EXPECT_EQ(parse_iso_time("2024-02-29"), parse_basic_time("20240229T000000Z"));
}

TEST(Timestamp, what_is_no_time_is_none) {
  for (const char* const text :
       {"", "2026", "2026-11", "2026-02-30", "2026-11-29T", "2026-11-29T14", "2026-11-29T14:30:00",
        "2026-11-29T24:00:00Z", "2026-11-29T14:30:60Z", "2026-11-29T14:30:00.Z",
        "2026-11-29T14:30:00.1234567890Z", "2026-11-29T14:30:00+24:00", "2026-11-29T14:30:00ZZ",
        "0000-01-01", "9999-01-01", "2026-11-29t14:30:00Z", "+026-11-29"}) {
    EXPECT_EQ(parse_iso_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ticklake::aws
