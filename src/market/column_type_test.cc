#include "market/column_type.h"

#include <string>

#include <gtest/gtest.h>

#include "market/number_text.h"

namespace ticklake::market {
namespace {

ColumnType type_of(std::string_view number) { return type_of_number(parse_number(number)); }

std::string both(std::string_view a, std::string_view b) {
  const ColumnType wider = wider_type(type_of(a), type_of(b));
  EXPECT_EQ(wider, wider_type(type_of(b), type_of(a))) << a << " and " << b;
  return type_name(wider);
}

std::string scaled(std::string_view number, uint8_t width, uint8_t scale) {
  const auto value = to_scaled(parse_number(number), ColumnType::decimal(width, scale));
  return value ? std::to_string(static_cast<int64_t>(*value)) : "none";
}

TEST(ColumnType, names_are_read_as_they_are_written) {
  for (const char* name : {"OPEN", "BOOLEAN", "BIGINT", "DOUBLE", "DECIMAL(18,4)", "DECIMAL(38,0)",
                           "DATE", "TIMESTAMP", "TIMESTAMP_NS", "VARCHAR"}) {
    ASSERT_TRUE(parse_type_name(name)) << name;
    EXPECT_EQ(type_name(*parse_type_name(name)), name);
  }
  EXPECT_EQ(parse_type_name("numeric( 9 , 2 )"), ColumnType::decimal(9, 2));
  EXPECT_EQ(parse_type_name("decimal(9)"), ColumnType::decimal(9, 0));
  EXPECT_EQ(parse_type_name("text"), ColumnType::kVarchar);
  for (const char* name : {"", "DECIMAL", "DECIMAL(", "DECIMAL()", "DECIMAL(39,0)", "DECIMAL(3,4)",
                           "DECIMAL(0,0)", "DECIMAL(9,2", "DECIMAL(9,2))", "DECIMAL(9,-2)",
                           "DECIMAL(99999999999999999999,1)", "BIGINTS", "STRUCT(a INT)"}) {
    EXPECT_FALSE(parse_type_name(name)) << name;
  }
}

TEST(NumberText, a_number_is_a_double_only_if_that_gives_all_digits_back) {
  for (const char* text : {"1.5", "1.50", "1e3", "0.1", "-0.0", "123456789.123456",
                           "0.30000000000000004", "1.7976931348623157e308", "5e-324", "1e300"}) {
    EXPECT_EQ(type_of(text), ColumnType::kDouble) << text;
  }
  EXPECT_EQ(type_name(type_of("0.1234567890123456789")), "DECIMAL(38,19)");
  EXPECT_EQ(type_name(type_of("12345678901234567.25")), "DECIMAL(38,18)");
  EXPECT_EQ(type_name(type_of("-1234567890.123456789")), "DECIMAL(38,18)");
  EXPECT_EQ(type_name(type_of("1e-400")), "VARCHAR");
  EXPECT_EQ(type_name(type_of("0.12345678901234567890123456789012345678")), "DECIMAL(38,38)");
  EXPECT_EQ(type_name(type_of("0.123456789012345678901234567890123456789")), "VARCHAR");
}

TEST(NumberText, integers_are_bigint_then_decimal_then_text) {
  EXPECT_EQ(type_of("9007199254740992"), ColumnType(ColumnType::kBigint, Digits::kFew));
  EXPECT_EQ(type_of("9007199254740993"), ColumnType(ColumnType::kBigint, Digits::kMany));
  EXPECT_EQ(type_of("-9223372036854775808"), ColumnType::kBigint);
  EXPECT_EQ(type_name(type_of("9223372036854775808")), "DECIMAL(20,0)");
  EXPECT_EQ(type_name(type_of("18446744073709551615")), "DECIMAL(20,0)");
  EXPECT_EQ(type_name(type_of("123456789012345678901")), "DECIMAL(38,0)");
  EXPECT_EQ(type_name(type_of("12345678901234567890123456789012345678")), "DECIMAL(38,0)");
  EXPECT_EQ(type_name(type_of("123456789012345678901234567890123456789")), "VARCHAR");
  EXPECT_EQ(type_name(type_of("100000000000000000000000000000000000000000")), "VARCHAR");
}

TEST(NumberText, scales_exactly_or_not_at_all) {
  EXPECT_EQ(scaled("189.12", 18, 4), "1891200");
  EXPECT_EQ(scaled("-0.05", 18, 4), "-500");
  EXPECT_EQ(scaled("189.1200000", 18, 4), "1891200") << "zeros say nothing";
  EXPECT_EQ(scaled("1.5e3", 18, 4), "15000000");
  EXPECT_EQ(scaled("0", 18, 4), "0");
  EXPECT_EQ(scaled("99999.9999", 9, 4), "999999999");
  EXPECT_EQ(scaled("1.00001", 18, 4), "none");
  EXPECT_EQ(scaled("100000", 9, 4), "none");
  EXPECT_EQ(scaled("1e1000000000000", 18, 4), "none");
  EXPECT_EQ(scaled("0e1000000000000", 18, 4), "0");
}

TEST(ColumnType, what_holds_two_numbers_loses_no_digit_whichever_came_first) {
  EXPECT_EQ(both("1", "1.5"), "DOUBLE");
  EXPECT_EQ(both("1", "1e300"), "DOUBLE");
  EXPECT_EQ(both("9007199254740993", "1.5"), "DECIMAL(38,18)");
  EXPECT_EQ(both("18446744073709551615", "1.5"), "DECIMAL(38,18)");
  EXPECT_EQ(both("9007199254740993", "1e300"), "VARCHAR");
  EXPECT_EQ(both("9007199254740993", "18446744073709551615"), "DECIMAL(20,0)");
  EXPECT_EQ(both("1.5", "0.123456789012345678"), "DECIMAL(38,18)");
  EXPECT_EQ(both("1e300", "0.123456789012345678"), "VARCHAR");
}

TEST(ColumnType, microseconds_become_nanoseconds_only_where_all_fit) {
  const ColumnType near(ColumnType::kTimestamp, Digits::kFew);
  const ColumnType far(ColumnType::kTimestamp, Digits::kMany);
  EXPECT_EQ(wider_type(near, ColumnType::kTimestampNs), ColumnType::kTimestampNs);
  EXPECT_EQ(wider_type(ColumnType::kTimestampNs, near), ColumnType::kTimestampNs);
  EXPECT_EQ(wider_type(far, ColumnType::kTimestampNs), ColumnType::kVarchar);
  EXPECT_EQ(wider_type(near, far), far);
  EXPECT_EQ(wider_type(near, ColumnType::kDate), ColumnType::kVarchar);
}

TEST(ColumnType, files_that_do_not_say_what_they_hold_are_read_as_before) {
  EXPECT_EQ(wider_type(ColumnType::kBigint, ColumnType::kDouble), ColumnType::kDouble);
  EXPECT_EQ(wider_type(ColumnType::kTimestamp, ColumnType::kTimestampNs), ColumnType::kVarchar);
  const ColumnType few(ColumnType::kDouble, Digits::kFew);
  EXPECT_EQ(type_name(wider_type(ColumnType::kBigint, few)), "DECIMAL(38,18)");
}

}  // namespace
}  // namespace ticklake::market
