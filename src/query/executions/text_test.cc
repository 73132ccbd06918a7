#include <gtest/gtest.h>

#include "query/executions/hive_type.h"
#include "query/executions/result_text.h"
#include "query/executions/s3_location.h"
#include "query/executions/show_statement.h"

namespace ticklake::query::executions {
namespace {

TEST(HiveType, is_read_in_both_spellings) {
  const auto hive = parse_hive_type("array<struct<a:int,b:map<string,decimal(10,2)>>>");
  const auto trino = parse_hive_type("array(row(a integer, b map(varchar, decimal(10,2))))");
  ASSERT_TRUE(hive && trino);
  EXPECT_EQ(*hive, *trino);
  EXPECT_EQ(to_hive(*trino), "array<struct<a:int,b:map<string,decimal(10,2)>>>");
  EXPECT_EQ(to_trino(*hive), "array(row(a integer, b map(varchar, decimal(10,2))))");
  EXPECT_EQ(to_duckdb(*hive), R"(STRUCT("a" INTEGER, "b" MAP(VARCHAR, DECIMAL(10,2)))[])");
  EXPECT_EQ(to_hive(*parse_hive_type("VARCHAR(20)")), "string");
  EXPECT_EQ(to_hive(*parse_hive_type("timestamp with time zone")), "timestamp");
  for (const char* text : {"", "uniontype<int>", "array<int", "array<int>>", "decimal(40,1)",
                           "decimal(3,4)", "struct<int>", "map<string>", "int x"}) {
    EXPECT_FALSE(parse_hive_type(text)) << text;
  }
  std::string deep;
  for (size_t i = 0; i < kHiveTypeDepthMax + 2; ++i)
    deep += "array<";
  EXPECT_FALSE(parse_hive_type(deep));
}

TEST(ResultText, is_read_back_whatever_pieces_it_comes_in) {
  const std::string text = "\"a\",\"b\"\n\"1\",\n\"x\"\"\n,y\",\"\"\n\"last\",\"z\"";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    ResultReader reader(ResultReader::Form::kCsv, 10);
    for (size_t i = 0; i < text.size(); i += piece)
      reader.take(std::string_view(text).substr(i, piece));
    reader.finish();
    const std::vector<ResultRow> expected{
        {"a", "b"}, {"1", std::nullopt}, {"x\"\n,y", ""}, {"last", "z"}};
    EXPECT_EQ(reader.rows(), expected) << piece;
    EXPECT_EQ(reader.taken(), text.size());
  }
}

TEST(ResultText, of_lines_has_one_cell_a_row_and_stops_when_it_is_full) {
  ResultReader reader(ResultReader::Form::kLines, 2);
  EXPECT_FALSE(reader.take("a\tb\n\nc\n"));
  EXPECT_EQ(reader.rows(), (std::vector<ResultRow>{{"a\tb"}, {""}}));
  EXPECT_EQ(reader.taken(), 5U);
}

TEST(Show, patterns_have_stars_and_alternatives) {
  EXPECT_TRUE(matches_pattern("trades", ""));
  EXPECT_TRUE(matches_pattern("trades", "*"));
  EXPECT_TRUE(matches_pattern("trades", "tr.*"));
  EXPECT_TRUE(matches_pattern("trades", "x|TR*s"));
  EXPECT_TRUE(matches_pattern("trades", "%ade%"));
  EXPECT_FALSE(matches_pattern("trades", "trade"));
  EXPECT_FALSE(matches_pattern("trades", "x*|y"));
}

TEST(S3Location, is_a_bucket_and_a_key) {
  EXPECT_EQ(S3Location::parse("s3://b/k/x"), (S3Location{"b", "k/x"}));
  EXPECT_EQ(S3Location::parse("s3a://b"), (S3Location{"b", ""}));
  EXPECT_FALSE(S3Location::parse("s3:///k"));
  EXPECT_FALSE(S3Location::parse("/k"));
  EXPECT_EQ(S3Location::parse("s3://b/k")->as_folder().text(), "s3://b/k/");
}

}  // namespace
}  // namespace ticklake::query::executions
