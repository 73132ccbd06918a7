#include "table/time_text.h"

#include <string>

#include <gtest/gtest.h>

namespace ticklake::table {
namespace {

std::string type_of(std::string_view text) {
  const auto time = parse_time(text);
  return time ? lake::type_name(time->type()) : "none";
}

TEST(TextTime, up_to_six_digits_are_microseconds_and_up_to_nine_nanoseconds) {
  EXPECT_EQ(type_of("2026-11-24T00:15"), "TIMESTAMP");
  EXPECT_EQ(type_of("2026-11-24 00:15:03.123456+05:30"), "TIMESTAMP");
  EXPECT_EQ(type_of("2026-11-24T00:15:03.1234567Z"), "TIMESTAMP_NS");
  EXPECT_EQ(type_of("2026-11-24T00:15:03.123456000Z"), "TIMESTAMP_NS") << "as it was written";
  EXPECT_EQ(type_of("2026-11-24T00:15:03.1234567890Z"), "none") << "a time is never cut short";
  EXPECT_EQ(parse_time("1969-12-31T23:59:59.999999999Z")->in_nanoseconds(), -1);
}

TEST(TextTime, nanoseconds_reach_from_1678_to_2261) {
  EXPECT_EQ(type_of("1678-01-01T00:00:00.000000001Z"), "TIMESTAMP_NS");
  EXPECT_EQ(type_of("2261-12-31T23:59:59.999999999Z"), "TIMESTAMP_NS");
  EXPECT_EQ(type_of("1677-12-31T23:59:59.999999999Z"), "VARCHAR");
  EXPECT_EQ(type_of("2262-01-01T00:00:00.000000000Z"), "VARCHAR");
  EXPECT_EQ(type_of("9999-12-31T23:59:59.999999Z"), "TIMESTAMP");
}

}  // namespace
}  // namespace ticklake::table
