#include "feed/rows.h"

#include <duckdb.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "feed/json_rows.h"
#include "feed/json_text.h"
#include "market/time_text.h"

namespace ticklake::feed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const base::Path kSource = TICKLAKE_SOURCE;
const base::Path kFixtures = kSource / "tests/data/csv";

struct ReadRows {
  std::vector<std::string> json;
  std::vector<std::string> keys;
  std::vector<std::optional<base::WallTime>> times;
  RowCounts counts;
};

base::Result<ReadRows> read_all(const RowOptions& options) {
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(const auto source, open_rows(options, files));
  ReadRows all;
  Row row;
  while (true) {
    TICKLAKE_ASSIGN(const bool found, source->next(row));
    if (!found) break;
    all.json.emplace_back(row.json);
    all.keys.emplace_back(row.key.value_or("-"));
    all.times.push_back(row.time);
  }
  all.counts = source->counts();
  return all;
}

class RowsTest : public testing::Test {
 protected:
  base::Path file(const std::string& text) {
    base::PosixFileSystem files;
    base::Path path = folder_.path() / "rows.txt";
    EXPECT_TRUE(base::replace_text(files, path, text));
    return path;
  }
  base::TemporaryFolder folder_;
};

TEST(Csv, keeps_column_names_and_exact_numbers_and_turns_missing_values_into_null) {
  const auto all = read_all({.file = kFixtures / "iso.csv"}).value();
  EXPECT_THAT(all.json,
              ElementsAre(R"({"Date":"2020-01-02","Open":1.5,"Close":1.75,"Volume":100})",
                          R"({"Date":"2020-01-03","Open":1.75,"Close":null,"Volume":0})",
                          R"({"Date":"2020-01-06","Open":null,"Close":1.25,"Volume":null})"));
  EXPECT_EQ(all.times[0], market::parse_rfc3339("2020-01-02T00:00:00Z"));
}

TEST(Csv, reads_tabs_crlf_and_a_byte_order_mark) {
  const auto all =
      read_all({.file = kFixtures / "bom_tabs_crlf.csv", .key_column = "Index"}).value();
  EXPECT_THAT(all.json, ElementsAre(R"({"Index":"HSI","Date":"2020-01-02","Close":28543.52})",
                                    R"({"Index":"HSI","Date":"2020-01-03","Close":28451.5})"));
  EXPECT_THAT(all.keys, ElementsAre("HSI", "HSI"));
}

TEST(Csv, dates_that_one_line_makes_plain_become_iso_dates) {
  const auto month_first = read_all({.file = kFixtures / "month_first.csv"}).value();
  EXPECT_THAT(month_first.json, ElementsAre(R"({"Date":"2020-01-02","Close":1.5})",
                                            R"({"Date":"2020-01-13","Close":1.75})",
                                            R"({"Date":"2020-02-03","Close":1.25})"));
  EXPECT_EQ(read_all({.file = kFixtures / "day_first.csv"}).value().json, month_first.json);
}

TEST(Csv, ambiguous_dates_are_refused_by_line_and_flag_unless_a_format_is_stated) {
  const auto refused = read_all({.file = kFixtures / "ambiguous.csv"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().cause, HasSubstr("line 2 has '02/01/2020'"));
  EXPECT_THAT(refused.error().advice, HasSubstr("--time-format"));
  const auto stated =
      read_all({.file = kFixtures / "ambiguous.csv", .time_format = "%d/%m/%Y"}).value();
  EXPECT_EQ(stated.json[1], R"({"Date":"2020-01-03","Close":1.75})");
}

TEST(Csv, contradicting_dates_are_refused_and_name_both_lines) {
  const auto refused = read_all({.file = kFixtures / "contradicting.csv"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().cause, testing::AllOf(HasSubstr("line 2"), HasSubstr("line 3")));
}

TEST(Csv, comma_only_lines_are_passed_over_and_counted) {
  const auto all = read_all({.file = kFixtures / "comma_only_lines.csv"}).value();
  EXPECT_EQ(all.json.size(), 2u);
  EXPECT_EQ(all.counts.blank_rows, 3u);
  EXPECT_EQ(all.counts.bad.count(), 0u);
}

TEST(Csv, a_cut_last_line_is_counted_and_reported) {
  const auto all = read_all({.file = kFixtures / "cut_last_line.csv"}).value();
  EXPECT_EQ(all.json.size(), 1u);
  ASSERT_EQ(all.counts.bad.count(), 1u);
  EXPECT_EQ(all.counts.bad.first()[0].line, 3u);
  EXPECT_EQ(all.counts.bad.first()[0].reason, "cut short: 2 of 3 columns");
}

TEST(Csv, a_stray_quote_costs_its_own_line_only) {
  const auto all = read_all({.file = kFixtures / "quotes.csv"}).value();
  EXPECT_THAT(all.json, ElementsAre(R"({"Date":"2020-01-02","Note":"a, \"b\"\nand c","Close":1.5})",
                                    R"({"Date":"2020-01-07","Note":"fine","Close":3})"));
  ASSERT_EQ(all.counts.bad.count(), 2u);
  EXPECT_EQ(all.counts.bad.first()[0].line, 4u);
  EXPECT_EQ(all.counts.bad.first()[1].line, 5u);
  EXPECT_EQ(all.counts.bad.first()[1].reason, "a quote is never closed");
}

TEST_F(RowsTest, a_quoted_field_may_span_the_reads_of_a_large_file) {
  std::string text = "a,b\n";
  for (int i = 0; i < 40; ++i)
    text += "\"" + std::string(30'000, 'x') + "\n\"\"" + std::to_string(i) + "\",1\r\n";
  const auto all = read_all({.file = file(text)}).value();
  ASSERT_EQ(all.json.size(), 40u);
  EXPECT_TRUE(all.json[39].ends_with(R"(\n\"39","b":1})")) << all.json[39].substr(30'000);
}

TEST_F(RowsTest, an_endless_line_is_left_out_in_bounded_memory) {
  const auto all =
      read_all({.file = file("a,b\n1,\"" + std::string(3'000'000, 'x') + "\n2,3\n")}).value();
  EXPECT_THAT(all.json, ElementsAre(R"({"a":2,"b":3})"));
  EXPECT_EQ(all.counts.bad.count(), 1u);
}

TEST_F(RowsTest, text_that_is_not_utf8_is_left_out_and_names_the_column) {
  const auto all = read_all({.file = file("name,x\ncaf\xe9,1\ncaf\xc3\xa9,2\n")}).value();
  EXPECT_THAT(all.json, ElementsAre("{\"name\":\"caf\xc3\xa9\",\"x\":2}"));
  EXPECT_EQ(all.counts.bad.first().at(0).reason, "not UTF-8 in column 'name'");
}

TEST_F(RowsTest, a_file_without_rows_names_or_known_columns_is_refused_with_advice) {
  for (const char* text : {"", "\n\n", "1,2\n3,4\n", "a,a\n1,2\n", "ARROW1xx", "\xff\xfe\x61"}) {
    const auto refused = read_all({.file = file(text)});
    ASSERT_FALSE(refused) << text;
    EXPECT_FALSE(refused.error().advice.empty()) << text;
  }
  const auto no_column = read_all({.file = file("a,b\n1,2\n"), .key_column = "c"});
  ASSERT_FALSE(no_column);
  EXPECT_THAT(no_column.error().cause, HasSubstr("a, b"));
}

TEST_F(RowsTest, json_lines_pass_as_they_stand_and_bad_ones_are_counted) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const auto all = read_all({.file = file("{\"s\":\"A\",\"ts\":1600000000123}\n\n[1]\n{\"a\":NaN}\n"
                                          "{\"d\":" +
                                          deep + "}\n{\"s\":\"B\"}\r\n{\"cut\":"),
                             .key_column = "s"})
                       .value();
  EXPECT_THAT(all.json, ElementsAre(R"({"s":"A","ts":1600000000123})", R"({"s":"B"})"));
  EXPECT_THAT(all.keys, ElementsAre("A", "B"));
  EXPECT_EQ(base::to_unix_ms(all.times[0].value()), 1'600'000'000'123);
  EXPECT_EQ(all.counts.bad.count(), 4u);
  EXPECT_EQ(all.counts.blank_rows, 1u);
}

TEST_F(RowsTest, parquet_rows_become_json_objects_with_times_and_without_nan) {
  const base::Path path = folder_.path() / "rows.parquet";
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  ASSERT_EQ(duckdb_open(nullptr, &database), DuckDBSuccess);
  ASSERT_EQ(duckdb_connect(database, &connection), DuckDBSuccess);
  const std::string sql =
      "COPY (SELECT 'A' AS \"Sym bol\", TIMESTAMP '2020-01-02 03:04:05.000006' AS \"time\", "
      "1.5::DOUBLE AS x UNION ALL SELECT 'B', NULL, 'nan'::DOUBLE) TO '" +
      path.string() + "'";
  ASSERT_EQ(duckdb_query(connection, sql.c_str(), nullptr), DuckDBSuccess);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  const auto all = read_all({.file = path, .key_column = "Sym bol"}).value();
  EXPECT_THAT(all.json,
              ElementsAre(R"({"Sym bol":"A","time":"2020-01-02T03:04:05.000006Z","x":1.5})",
                          R"({"Sym bol":"B","time":null,"x":null})"));
  EXPECT_EQ(all.times[0], market::parse_rfc3339("2020-01-02T03:04:05.000006Z"));
  EXPECT_THAT(all.keys, ElementsAre("A", "B"));
}

TEST(Csv, the_shipped_real_data_set_is_read_in_full) {
  const base::Path path = kSource / "build/deps/data/sp500.csv";
  const auto all = read_all({.file = path}).value();
  EXPECT_EQ(all.json.size(), 5105u);
  EXPECT_EQ(all.counts.bad.count(), 0u);
  EXPECT_EQ(all.json.back(),
            R"({"date":"2020-04-17","open":2842.429932,"high":2879.219971,"low":2830.879883,)"
            R"("close":2874.560059,"adjclose":2874.560059,"volume":5792140000})");
}

TEST(JsonLine, whole_numbers_of_any_length_are_taken) {
  JsonLineParser parser;
  EXPECT_EQ(parser.parse(R"({"id":123456789012345678901,"a":[-99999999999999999999],"b":1})"),
            nullptr);
  EXPECT_EQ(parser.scalar("b"), "1");
  EXPECT_EQ(parser.parse(R"({"t\"99999999999999999999":18446744073709551616})"), nullptr);
  EXPECT_THAT(parser.names(), ElementsAre("t\"99999999999999999999"));
  for (const char* wrong : {R"({"a":00000000000000000000001})", R"({"a":1234567890123456789012x})",
                            R"({"a":99999999999999999999-})"})
    EXPECT_NE(parser.parse(wrong), nullptr) << wrong;
}

TEST(JsonValue, is_valid_json_for_every_text) {
  const auto value = [](std::string_view text) {
    std::string json;
    EXPECT_TRUE(append_json_value(json, text));
    return json;
  };
  for (const char* number : {"0", "-1", "1.50", "1e5", "-0.0", "123456789012345678901"})
    EXPECT_EQ(value(number), number);
  for (const char* missing : {"", "null", "NULL", "NaN", "nan", "-nan", "inf", "-Infinity", "  "})
    EXPECT_EQ(value(missing), "null") << missing;
  EXPECT_EQ(value(".5"), "0.5");
  EXPECT_EQ(value("+.5e-3"), "0.5e-3");
  EXPECT_EQ(value("-5."), "-5");
  for (const char* text : {"007", "1,000", "1e999", "0x10", "-", ".", "e5", "1e", "000001.SS"})
    EXPECT_EQ(value(text), "\"" + std::string(text) + "\"");
  EXPECT_EQ(value("a\x01\"\\"), R"("a\u0001\"\\")");
}

}  // namespace
}  // namespace ticklake::feed
