#include "message/json_text.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace ticklake::message {
namespace {

using namespace std::string_literals;

std::string decimal(std::string_view bytes, int64_t scale) {
  std::string json;
  return append_decimal(json, bytes, scale) ? json : "refused";
}

TEST(JsonText, a_decimal_keeps_every_digit) {
  EXPECT_EQ(decimal("\x30\x39"s, 2), "123.45");
  EXPECT_EQ(decimal("\xcf\xc7"s, 2), "-123.45");
  EXPECT_EQ(decimal("\x01"s, 4), "0.0001");
  EXPECT_EQ(decimal("\xff"s, 4), "-0.0001");
  EXPECT_EQ(decimal("\x04\xd2"s, 0), "1234");
  EXPECT_EQ(decimal("\x30\x0c"s, 2), "123.00");
  EXPECT_EQ(decimal("", 2), "0.00");
  EXPECT_EQ(decimal("\x80"s, 0), "-128");
  // 2 to the 127th, less one: a DECIMAL(38).
  EXPECT_EQ(decimal("\x7f"s + std::string(15, '\xff'), 10),
            "17014118346046923173168730371.5884105727");
}

TEST(JsonText, a_decimal_has_a_most_of_digits_and_scale) {
  EXPECT_NE(decimal(std::string(kDecimalBytesMax, '\x7f'), kScaleMax), "refused");
  EXPECT_EQ(decimal(std::string(kDecimalBytesMax + 1, '\x7f'), 0), "refused");
  EXPECT_EQ(decimal("\x01"s, kScaleMax + 1), "refused");
  EXPECT_EQ(decimal("\x01"s, -1), "refused");
}

TEST(JsonText, times_are_rfc3339_to_their_unit) {
  std::string json;
  const auto timestamp = [&](int64_t value, int digits, std::string_view zone = "Z") {
    json.clear();
    append_timestamp(json, value, digits, zone);
    return json;
  };
  EXPECT_EQ(timestamp(1'795'564'799'123, 3), "\"2026-11-24T23:59:59.123Z\"");
  EXPECT_EQ(timestamp(1'795'564'799'123'456, 6), "\"2026-11-24T23:59:59.123456Z\"");
  EXPECT_EQ(timestamp(1'795'564'799'123'456'789, 9), "\"2026-11-24T23:59:59.123456789Z\"");
  EXPECT_EQ(timestamp(-1, 3), "\"1969-12-31T23:59:59.999Z\"");
  EXPECT_EQ(timestamp(0, 3, ""), "\"1970-01-01T00:00:00.000\"");
  EXPECT_EQ(timestamp(-62'135'596'800'000, 3), "\"0001-01-01T00:00:00.000Z\"");
  EXPECT_EQ(timestamp(-62'135'596'800'001, 3), "-62135596800001");
  EXPECT_EQ(timestamp(253'402'300'799'999, 3), "\"9999-12-31T23:59:59.999Z\"");
  EXPECT_EQ(timestamp(253'402'300'800'000, 3), "253402300800000");
  EXPECT_EQ(timestamp(std::numeric_limits<int64_t>::min(), 9),
            "\"1677-09-21T00:12:43.145224192Z\"");
}

TEST(JsonText, dates_and_times_of_day) {
  std::string json;
  append_date(json, 20'781);
  append_date(json, -719'163);
  append_time_of_day(json, 86'399'999, 3);
  append_time_of_day(json, 86'400'000, 3);
  EXPECT_EQ(json, "\"2026-11-24\"-719163\"23:59:59.999\"86400000");
}

TEST(JsonText, a_real_always_looks_like_one_and_reads_back) {
  std::string json;
  for (const double value : {3.0, 0.1, -1e300, 1e22}) {
    append_real(json, value);
    json += ' ';
  }
  append_real(json, 0.1f);
  append_real(json, std::nan(""));
  append_real(json, std::numeric_limits<float>::infinity());
  EXPECT_EQ(json, "3.0 0.1 -1e+300 1e+22 0.1nullnull");
}

TEST(JsonText, text_is_escaped_and_only_utf_8) {
  std::string json;
  EXPECT_TRUE(append_string(json, "a\"\\\n\x01\xe2\x82\xac"));
  EXPECT_EQ(json, "\"a\\\"\\\\\\n\\u0001\xe2\x82\xac\"");
  EXPECT_FALSE(append_string(json, "\xc3"));
  EXPECT_EQ(json.back(), '"');
}

}  // namespace
}  // namespace ticklake::message
