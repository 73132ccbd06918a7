#include "market/table_spec.h"

#include <string>

#include <gtest/gtest.h>

#include "market/trade_json.h"

namespace ticklake::market {
namespace {

std::string columns(std::string_view text) {
  const auto parsed = parse_columns(text);
  if (!parsed) return "error: " + parsed.error().cause;
  std::string printed;
  for (const DeclaredColumn& column : *parsed)
    printed += column.name + " " + type_name(column.type) + ";";
  return printed;
}

TEST(TableSpec, columns_are_written_as_in_sql) {
  EXPECT_EQ(columns("symbol VARCHAR, price DECIMAL(18,4), at timestamp_ns"),
            "symbol VARCHAR;price DECIMAL(18,4);at TIMESTAMP_NS;");
  EXPECT_EQ(columns(R"("a ""b"", c" int,"é"text)"), "a \"b\", c BIGINT;é VARCHAR;");
  EXPECT_EQ(columns("p numeric( 9 , 2 )"), "p DECIMAL(9,2);");
}

TEST(TableSpec, what_cannot_be_read_is_named) {
  for (const char* text : {"", " ", ",", "a", "a INT,", "a INT,, b INT", "a STRUCT(b INT)",
                           "a OPEN", "\"a INT", "\"\" INT", "a DECIMAL(18,4", "a INT b INT"}) {
    EXPECT_TRUE(columns(text).starts_with("error: ")) << text << ": " << columns(text);
  }
  EXPECT_NE(columns("price MONEY").find("the type of price is 'MONEY'"), std::string::npos);
}

TEST(TableSpec, event_time_and_symbol_are_columns_and_the_first_is_a_time) {
  TableSpec spec{*parse_columns("at DATE, s VARCHAR, n BIGINT"), "at", "s"};
  EXPECT_TRUE(check(spec));
  spec.event_time = "n";
  EXPECT_EQ(check(spec).error().cause, "it is a BIGINT");
  spec.event_time = "nowhere";
  EXPECT_FALSE(check(spec));
  spec = {*parse_columns("at DATE"), "", "nowhere"};
  EXPECT_FALSE(check(spec));
  spec = {*parse_columns("at DATE, AT DATE")};
  EXPECT_FALSE(check(spec)) << "SQL could not tell them apart";
}

TEST(TableSpec, that_of_simulated_trades_is_a_good_one) { EXPECT_TRUE(check(trades_spec())); }

}  // namespace
}  // namespace ticklake::market
