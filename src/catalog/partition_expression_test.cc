#include "catalog/partition_expression.h"

#include <gtest/gtest.h>

namespace ticklake::catalog {
namespace {

const std::vector<Column> kKeys{{.name = "dt", .type = "string"},
                                {.name = "n", .type = "int"},
                                {.name = "sym", .type = "string"}};

bool matches(std::string_view expression, const std::vector<std::string>& values) {
  const auto parsed = PartitionExpression::parse(expression, kKeys);
  EXPECT_TRUE(parsed) << expression << ": " << (parsed ? "" : parsed.error().message);
  return parsed && parsed->matches(values);
}

std::string refusal(std::string_view expression) {
  const auto parsed = PartitionExpression::parse(expression, kKeys);
  return parsed ? "" : parsed.error().code;
}

TEST(PartitionExpression, SelectsByEachOperator) {
  const std::vector<std::string> values{"2026-01-02", "10", "AAPL"};
  for (const char* text : {
           "",
           "  ",
           "dt = '2026-01-02'",
           "dt='2026-01-02'",
           "DT <> '2026-01-01'",
           "dt != '2026-01-01'",
           "dt > '2026-01-01'",
           "dt >= '2026-01-02'",
           "dt < '2026-02-01'",
           "dt <= '2026-01-02'",
           "n = 10",
           "n = '10'",
           "n > 9",
           "n < 100",
           "n >= -1",
           "9 < n",
           "'2026-01-01' < dt",
           "n between 10 and 11",
           "dt BETWEEN '2026-01-01' AND '2026-01-31'",
           "sym IN ('A', 'AAPL')",
           "sym not in ('A')",
           "sym LIKE 'A%'",
           "sym like '_A_L'",
           "sym not like 'B%'",
           "not sym = 'B'",
           "dt > '2026-01-01' AND sym IN ('AAPL')",
           "sym = 'B' OR n = 10",
           "(sym = 'B' or n = 10) and dt like '2026%'",
           "\"dt\" like '%'",
           "`sym` = 'AAPL'",
           "dt = date '2026-01-02'",
           "sym is not null",
           "not (sym is null)",
           "n = 10.0",
           "sym = 'B' or sym = 'C' or sym = 'AAPL'",
       }) {
    EXPECT_TRUE(matches(text, values)) << text;
  }
  for (const char* text : {
           "dt = '2026-01-01'",
           "n < 9",
           "n = 1",
           "sym in ('A','B')",
           "sym like 'a%'",
           "not n = 10",
           "n between 11 and 12",
           "sym = 'B' and n = 10",
           "sym is null",
           "n = 10 and not (sym like 'A%' or sym = 'B')",
       }) {
    EXPECT_FALSE(matches(text, values)) << text;
  }
}

TEST(PartitionExpression, NumbersAreComparedAsNumbersAndTextsAsTexts) {
  EXPECT_TRUE(matches("n > 9", {"x", "10", "x"}));
  EXPECT_TRUE(matches("dt < '9'", {"10", "0", "x"}));
  EXPECT_FALSE(matches("n = 9007199254740993", {"x", "9007199254740992", "x"}))
      << "no digit is lost";
}

TEST(PartitionExpression, WhatIsNullIsNeitherEqualNorUnequal) {
  const std::vector<std::string> values{"__HIVE_DEFAULT_PARTITION__", "?", "AAPL"};
  EXPECT_FALSE(matches("dt = 'x'", values));
  EXPECT_FALSE(matches("dt <> 'x'", values));
  EXPECT_FALSE(matches("not dt = 'x'", values));
  EXPECT_TRUE(matches("dt is null", values));
  EXPECT_FALSE(matches("n > 0", values));
  EXPECT_TRUE(matches("dt = 'x' or sym = 'AAPL'", values));
}

TEST(PartitionExpression, QuotesInTextsAreDoubled) {
  EXPECT_TRUE(matches("sym = 'O''Neil'", {"x", "1", "O'Neil"}));
}

TEST(PartitionExpression, WhatDoesNotParseIsInvalidInput) {
  for (const char* text : {"dt",
                           "dt =",
                           "= 'x'",
                           "dt = 'x",
                           "price = 1",
                           "dt = 'x' and",
                           "dt = 'x')",
                           "(dt = 'x'",
                           "dt in ()",
                           "dt in ('x'",
                           "dt between 'a'",
                           "dt = x",
                           "dt like",
                           "dt not = 'x'",
                           "dt is 'x'",
                           "dt ~ 'x'",
                           "dt = 'x' sym = 'y'",
                           "'x'",
                           "'x' = 'x'",
                           "-",
                           "."}) {
    EXPECT_EQ(refusal(text), "InvalidInputException") << text;
  }
}

TEST(PartitionExpression, DepthAndLengthAreBounded) {
  EXPECT_EQ(refusal(std::string(101, '(') + "n = 1" + std::string(101, ')')),
            "InvalidInputException");
  EXPECT_EQ(refusal(std::string(90, '(') + "n = 1" + std::string(90, ')')), "");
  EXPECT_EQ(refusal("sym = '" + std::string(3'000, 'x') + "'"), "InvalidInputException");
}

}  // namespace
}  // namespace ticklake::catalog
