#include "query/athena/statement.h"

#include <gmock/gmock.h>

#include "query/athena/macros.h"
#include "query/athena/native_functions.h"
#include "query/athena/result.h"
#include "query/athena/session.h"

namespace ticklake::query::athena {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Statement read(std::string_view text, const Options& options = {}) {
  auto statement = read_statement(text, options);
  EXPECT_TRUE(statement.has_value()) << text << ": " << statement.error().reason();
  return statement ? *statement : Statement();
}

std::string failure(std::string_view text, const Options& options = {}) {
  const auto statement = read_statement(text, options);
  return statement ? "no failure" : statement.error().reason();
}

// Who creates a table gets each part of its DDL as it was written, types in Hive's words.
TEST(AthenaStatement, ReadsAnExternalTable) {
  const Statement table = read(
      "CREATE EXTERNAL TABLE IF NOT EXISTS `db`.`Trades` (`symbol` string COMMENT 'ticker', "
      "bars array<struct<o:double,c:decimal(10,2)>>, tags map<string,int>) COMMENT 'all' "
      "PARTITIONED BY (dt date) CLUSTERED BY (symbol) INTO 8 BUCKETS "
      "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('a' = 'b') "
      "STORED AS INPUTFORMAT 'in' OUTPUTFORMAT 'out' LOCATION 's3://b/p/' "
      "TBLPROPERTIES ('classification' = 'json')");
  EXPECT_EQ(table.kind, StatementKind::kCreateExternalTable);
  EXPECT_TRUE(table.if_not_exists);
  EXPECT_EQ(table.name.database, "db");
  EXPECT_EQ(table.name.table, "trades");
  ASSERT_EQ(table.columns.size(), 3U);
  EXPECT_EQ(table.columns[0].comment, "ticker");
  EXPECT_EQ(table.columns[1].type, "array<struct<o:double,c:decimal(10,2)>>");
  EXPECT_EQ(table.columns[2].type, "map<string,int>");
  ASSERT_EQ(table.partition_columns.size(), 1U);
  EXPECT_EQ(table.partition_columns[0].type, "date");
  EXPECT_EQ(table.bucketed_by, std::vector<std::string>{"symbol"});
  EXPECT_EQ(table.buckets, 8U);
  EXPECT_EQ(table.storage.serde, "org.openx.data.jsonserde.JsonSerDe");
  EXPECT_EQ(table.storage.input_format, "in");
  EXPECT_EQ(table.location, "s3://b/p/");
  EXPECT_EQ(table.properties, (Properties{{"classification", "json"}}));
}

// A CTAS, an UNLOAD and an INSERT give their options, and their query in both languages.
TEST(AthenaStatement, ReadsWhatWrites) {
  const Statement table = read(
      "CREATE TABLE \"db\".\"t\" WITH( external_location = 's3://o/', format = 'PARQUET', "
      "partitioned_by = ARRAY['a', 'b']) AS SELECT if(x > 1, 2) FROM u");
  EXPECT_EQ(table.kind, StatementKind::kCreateTableAsSelect);
  ASSERT_EQ(table.with.size(), 3U);
  EXPECT_EQ(table.with[0].value, "s3://o/");
  EXPECT_EQ(table.with[2].list, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.query_text, "SELECT if(x > 1, 2) FROM u");
  EXPECT_THAT(table.query, HasSubstr("CASE WHEN"));
  ASSERT_EQ(table.tables.size(), 1U);
  EXPECT_EQ(table.tables[0].table, "u");

  const Statement unload =
      read("UNLOAD (\n\tSELECT 1\n)\nTO 's3://o/'\nWITH (\n\tformat = 'JSON')");
  EXPECT_EQ(unload.kind, StatementKind::kUnload);
  EXPECT_EQ(unload.location, "s3://o/");

  const Statement insert = read("INSERT INTO db.t (a, b) VALUES (1, 'x')");
  EXPECT_EQ(insert.kind, StatementKind::kInsert);
  EXPECT_EQ(insert.insert_columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(insert.statement_type(), "DML");
}

// Values of ExecutionParameters stand where the ? are, and are no more than values.
TEST(AthenaStatement, PutsParametersIn) {
  Options options;
  options.parameters = {"'it''s'", "DATE '2026-01-02'"};
  EXPECT_THAT(read("SELECT ?, ?", options).query, HasSubstr("'it''s' AS \"_col0\", DATE '2026"));
  EXPECT_THAT(failure("SELECT ?, ?, ?", options), StartsWith("INVALID_PARAMETER_USAGE"));
  options.parameters = {"1) FROM secrets --"};
  EXPECT_THAT(failure("SELECT (?)", options), StartsWith("INVALID_PARAMETER_USAGE"));
  EXPECT_EQ(read("SELECT ? + ?").parameters, 2U);
  EXPECT_THAT(read("SELECT ? + ?").query, HasSubstr("($1 + $2)"));
}

// However it is nested or strung together, a statement costs a bounded time and a bounded text.
TEST(AthenaStatement, IsBounded) {
  const auto repeated = [](std::string_view text, size_t count) {
    std::string out;
    for (size_t i = 0; i < count; ++i)
      out += text;
    return out;
  };
  const std::string_view kTooComplex = "QUERY_TOO_COMPLEX";
  EXPECT_THAT(failure("SELECT " + repeated("(", 100'000)), StartsWith(kTooComplex));
  EXPECT_THAT(failure("SELECT 1" + repeated("+1", 100'000)), StartsWith(kTooComplex));
  EXPECT_THAT(failure("SELECT a" + repeated("[1]", 80'000)), StartsWith(kTooComplex));
  EXPECT_THAT(failure("SELECT 1 FROM a" + repeated(", b", 80'000)), StartsWith(kTooComplex));
  EXPECT_THAT(failure(std::string(kStatementBytesMax + 1, ' ')), StartsWith("QUERY_TEXT_TOO_LONG"));
  const std::string deep = "SELECT " + repeated("array_distinct(", 30) + "a" + repeated(")", 30);
  EXPECT_LT(read(deep).query.size(), kGrowthMax * deep.size() + kOutputBytesFree);
}

// A place counts lines and characters from one, as Trino's does.
TEST(AthenaStatement, NamesThePlace) {
  EXPECT_THAT(failure("SELECT 'é',\n  nosuch(1)"), HasSubstr("line 2:3: "));
  EXPECT_THAT(failure("SELECT 1 FROM t WHERE"), HasSubstr("mismatched input '<EOF>'"));
}

// Numbers print as Java prints them, and as Trino casts them.
TEST(AthenaResult, PrintsNumbersLikeJava) {
  EXPECT_EQ(java_text(1.0), "1.0");
  EXPECT_EQ(java_text(1e7), "1.0E7");
  EXPECT_EQ(java_text(9'999'999.0), "9999999.0");
  EXPECT_EQ(java_text(0.001), "0.001");
  EXPECT_EQ(java_text(1.234e-4), "1.234E-4");
  EXPECT_EQ(java_text(-0.0), "-0.0");
  EXPECT_EQ(java_text(1.5F), "1.5");
  EXPECT_EQ(java_text(1e300 * 1e300), "Infinity");
  EXPECT_EQ(scientific_text(12345.678), "1.2345678E4");
  EXPECT_EQ(scientific_text(0.0), "0E0");
}

// A type has the name that clients of Athena know.
TEST(AthenaResult, NamesTypes) {
  EXPECT_EQ(trino_type_name("MAP(VARCHAR, STRUCT(a INTEGER, \"b c\" DECIMAL(10,2)[]))"),
            "map(varchar, row(a integer, \"b c\" array(decimal(10,2))))");
  EXPECT_EQ(trino_type_name("HUGEINT"), "bigint");
  duckdb_logical_type type = duckdb_create_decimal_type(10, 2);
  const ColumnInfo info = column_info("x", type);
  duckdb_destroy_logical_type(&type);
  EXPECT_EQ(info.type, "decimal");
  EXPECT_EQ(info.precision, 10);
  EXPECT_EQ(info.scale, 2);
  EXPECT_EQ(info.full_type, "decimal(10,2)");
}

// The macros can be made in a database that is locked down, and twice.
TEST(AthenaMacros, AreMadeOnceOrTwice) {
  auto database = table::Database::open({.threads = 1});
  ASSERT_TRUE(database.has_value());
  ASSERT_TRUE(database->lock_down({"/nonexistent"}).has_value());
  auto connection = database->connect();
  ASSERT_TRUE(connection.has_value());
  EXPECT_TRUE(create_macros(*connection).has_value());
  EXPECT_TRUE(create_macros(*connection).has_value());
  // DuckDB's own functions of the same names are as they were.
  auto ours = connection->query(
      "SELECT count(*) FROM (SELECT regexp_extract('a', 'b') AS x) "
      "WHERE x = ''");
  ASSERT_TRUE(ours.has_value());
  EXPECT_EQ(ours->single_integer().value_or(0), 1);
}

// What a map or an array of rows unnests to is asked of the database where the text does not tell.
TEST(AthenaStatement, AsksForTypes) {
  auto database = table::Database::open({.threads = 1});
  ASSERT_TRUE(database.has_value());
  auto connection = database->connect();
  ASSERT_TRUE(connection->query("CREATE TABLE t AS SELECT MAP(['a'], [1]) AS m, [1] AS a"));
  Options options;
  options.type_of = type_oracle(*connection, nullptr);
  EXPECT_THAT(read("SELECT * FROM t CROSS JOIN UNNEST(m)", options).query,
              HasSubstr("map_keys(\"m\")"));
  EXPECT_THAT(read("SELECT * FROM t CROSS JOIN UNNEST(a)", options).query,
              HasSubstr("SELECT unnest(\"a\")"));
  EXPECT_THAT(read("WITH u AS (SELECT m AS n FROM t) SELECT * FROM u, UNNEST(n)", options).query,
              HasSubstr("map_keys(\"n\")"));
}

}  // namespace
}  // namespace ticklake::query::athena
