#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/executions/executions_test_bed.h"

namespace ticklake::query::executions {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class ExecutionsTest : public testing::Test {
 protected:
  /// A table of CSV with a header, a JSON one as the tutorial's consumer leaves it.
  void make_tables() {
    bed.put("csv/a.csv", "id,name\n1,one\n2,\"two, with comma\"\n3,\n");
    EXPECT_EQ(bed.rows("CREATE EXTERNAL TABLE quotes (id int, name string) ROW FORMAT SERDE "
                       "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/csv/' "
                       "TBLPROPERTIES ('skip.header.line.count'='1')"),
              "");
    bed.put("json/1.json", R"({"Index": "HSI", "Adj Close": 10.5, "Volume": 0})");
    bed.put("json/2.json", R"({"Index": "NYA", "Adj Close": 11.25, "Volume": 7})");
    EXPECT_EQ(bed.rows("CREATE EXTERNAL TABLE market (`index` string, `adj close` double, "
                       "volume bigint) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
                       "LOCATION 's3://data/json'"),
              "");
  }

  ExecutionsTestBed bed;
};

TEST_F(ExecutionsTest, a_result_is_a_csv_with_every_value_quoted) {
  const Execution done = bed.run("SELECT 1 AS a, 'x\"y' AS b, CAST(NULL AS varchar) AS c, '' AS d");
  ASSERT_EQ(done.state, ExecutionState::kSucceeded) << done.reason;
  EXPECT_EQ(done.output_file, "s3://athena-results/" + done.id + ".csv");
  EXPECT_EQ(bed.get(done.output_file), "\"a\",\"b\",\"c\",\"d\"\n\"1\",\"x\"\"y\",,\"\"\n");
  EXPECT_EQ(bed.get(done.output_file + ".metadata"), "");
  EXPECT_EQ(done.statement_type, "DML");
  EXPECT_EQ(done.columns[0], (ResultColumn{"a", "integer", 10, 0}));
  EXPECT_EQ(done.columns[1], (ResultColumn{"b", "varchar", 2147483647, 0}));
  EXPECT_EQ(bed.results(done), "1|x\"y|NULL|");
}

TEST_F(ExecutionsTest, tables_of_csv_json_and_parquet_are_queried_by_their_catalog) {
  make_tables();
  EXPECT_EQ(bed.rows("SELECT id, name FROM quotes ORDER BY id"), "1|one\n2|two, with comma\n3|");
  EXPECT_EQ(bed.rows("SELECT \"index\", \"adj close\", volume FROM AwsDataCatalog.Default.Market "
                     "ORDER BY 1"),
            "HSI|10.5|0\nNYA|11.25|7");
  EXPECT_EQ(bed.rows("SELECT m.volume, q.name FROM \"awsdatacatalog\".\"default\".market m JOIN "
                     "default.quotes q ON q.id = 2 AND m.volume = 7"),
            "7|two, with comma");
  EXPECT_EQ(bed.rows("SELECT market.volume FROM market WHERE default.market.volume > 0"), "7");
  EXPECT_THAT(bed.rows("SELECT * FROM nosuch"),
              "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nosuch' does not exist");
  EXPECT_THAT(bed.rows("SELECT * FROM nosuch.t"), StartsWith("SCHEMA_NOT_FOUND"));
}

TEST_F(ExecutionsTest, new_objects_are_counted_by_the_next_query) {
  make_tables();
  EXPECT_EQ(bed.rows("SELECT count(*) FROM market"), "2");
  bed.put("json/3.json", R"({"Index": "N225", "Volume": "12"})");
  bed.put("json/_hidden.json", "{}");
  bed.put("json/empty.json", "");
  EXPECT_EQ(bed.rows("SELECT count(*), sum(volume) FROM market"), "3|19");
}

TEST_F(ExecutionsTest, thousands_of_small_objects_are_one_table) {
  for (size_t i = 0; i < 21; ++i)
    bed.put("many/" + std::to_string(i) + ".json", "{\"N\": " + std::to_string(i) + "}");
  EXPECT_EQ(bed.rows("CREATE EXTERNAL TABLE many (n int) ROW FORMAT SERDE "
                     "'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://data/many/'"),
            "");
  EXPECT_EQ(bed.rows("SELECT count(*), max(n) FROM many"), "21|20");
}

TEST_F(ExecutionsTest, live_tables_are_in_the_database_ticklake) {
  EXPECT_EQ(bed.rows("SELECT count(*) FROM ticklake.trades"), "3");
  EXPECT_EQ(bed.rows("SELECT * FROM ticklake.trades ORDER BY price LIMIT 1"), "0|AAPL");
  EXPECT_EQ(bed.rows("WITH trades AS (SELECT * FROM ticklake.trades WHERE price > 0) "
                     "SELECT count(*) FROM trades"),
            "2");
  EXPECT_EQ(bed.rows("SELECT max(_offset), dt FROM ticklake.trades GROUP BY dt"), "2|2026-01-01");
  EXPECT_EQ(bed.rows("SHOW TABLES IN ticklake"), "trades");
  EXPECT_THAT(bed.rows("SELECT * FROM trades"), StartsWith("TABLE_NOT_FOUND"));
  EXPECT_THAT(bed.rows("DROP TABLE ticklake.trades"), StartsWith("NOT_SUPPORTED"));
  EXPECT_THAT(bed.rows("INSERT INTO ticklake.trades VALUES (1, 'x')"), StartsWith("NOT_SUPPORTED"));
}

TEST_F(ExecutionsTest, a_name_reads_no_file_and_no_table_of_another_scope) {
  bed.put("secret.parquet", "x");
  const std::string path = (bed.folder.path() / "buckets/data/secret.parquet").string();
  EXPECT_THAT(bed.rows("SELECT * FROM \"" + path + "\""), StartsWith("TABLE_NOT_FOUND"));
  EXPECT_THAT(
      bed.rows("SELECT * FROM (WITH \"" + path + "\" AS (SELECT 1) SELECT 1) a, \"" + path + "\""),
      StartsWith("TABLE_NOT_FOUND"));
  EXPECT_THAT(bed.rows("SELECT * FROM (WITH hot AS (SELECT 1) SELECT 1) a, hot"),
              StartsWith("TABLE_NOT_FOUND"));
  EXPECT_THAT(bed.rows("SELECT * FROM read_text('" + path + "')"), StartsWith("NOT_SUPPORTED"));
  // Nor does DuckDB's own dialect, beside it.
  for (const std::string& sql : std::vector<std::string>{
           "SELECT * FROM '" + path + "'", "SELECT * FROM read_text('" + path + "')",
           "DESCRIBE '" + path + "'", "SELECT * FROM query('SELECT 1')",
           "EXPLAIN SELECT * FROM glob('/*')", "SELECT (SELECT 1 FROM query_table('hot'))"}) {
    const auto query = bed.engine->start({sql});
    ASSERT_FALSE(query) << sql;
    EXPECT_EQ(query.error().code, base::ErrorCode::kPermission) << sql;
  }
  EXPECT_TRUE(bed.engine->start({"SELECT * FROM trades, range(3), unnest([1])"}));
}

TEST_F(ExecutionsTest, ctas_writes_files_a_manifest_and_a_table) {
  make_tables();
  const Execution done = bed.run(
      "CREATE TABLE \"default\".\"copy\" WITH( external_location = 's3://data/copy', "
      "format = 'PARQUET') AS SELECT volume, \"index\" AS i, 1.50 AS d FROM market");
  ASSERT_EQ(done.state, ExecutionState::kSucceeded) << done.reason;
  EXPECT_EQ(done.manifest, "s3://athena-results/" + done.id + "-manifest.csv");
  EXPECT_THAT(bed.get(done.manifest), StartsWith("s3://data/copy/"));
  EXPECT_EQ(done.update_count, 2U);
  EXPECT_EQ(bed.rows("SELECT volume, i, d FROM copy ORDER BY i"), "0|HSI|1.50\n7|NYA|1.50");
  EXPECT_THAT(bed.rows("DESCRIBE copy"),
              AllOf(HasSubstr("volume              \tbigint              \t"),
                    HasSubstr("d                   \tdecimal(3,2)")));
  EXPECT_THAT(bed.rows("CREATE TABLE copy AS SELECT 1 AS a"), StartsWith("TABLE_ALREADY_EXISTS"));
  EXPECT_THAT(
      bed.rows("CREATE TABLE c2 WITH (external_location = 's3://data/copy/') AS SELECT 1 a"),
      StartsWith("HIVE_PATH_ALREADY_EXISTS"));
  EXPECT_THAT(bed.rows("CREATE TABLE c3 AS SELECT 1"),
              HasSubstr("Column name not specified at position 1"));
  EXPECT_THAT(bed.rows("CREATE TABLE c3 AS SELECT 1 AS a, 2 AS a"),
              HasSubstr("specified more than once"));
  EXPECT_EQ(bed.rows("CREATE TABLE nodata AS SELECT 1 AS a WITH NO DATA"), "");
  EXPECT_EQ(bed.rows("SELECT count(*) FROM nodata"), "0");
}

TEST_F(ExecutionsTest, ctas_partitions_and_insert_adds_to_them) {
  EXPECT_EQ(bed.rows("CREATE TABLE parts WITH (partitioned_by = ARRAY['dt'], format = 'JSON') AS "
                     "SELECT 1 AS a, 'x' AS b, '2026-01-01' AS dt UNION ALL SELECT 2, 'y', "
                     "'2026-01-02'"),
            "");
  EXPECT_EQ(bed.rows("SHOW PARTITIONS parts"), "dt=2026-01-01\ndt=2026-01-02");
  EXPECT_EQ(bed.rows("INSERT INTO parts VALUES (3, 'z', '2026-01-03')"), "");
  EXPECT_EQ(bed.rows("INSERT INTO parts (dt, a) VALUES ('2026-01-03', 4)"), "");
  EXPECT_EQ(bed.rows("SELECT a, b, dt FROM parts ORDER BY a"),
            "1|x|2026-01-01\n2|y|2026-01-02\n3|z|2026-01-03\n4|NULL|2026-01-03");
  EXPECT_EQ(bed.rows("SELECT dt FROM \"parts$partitions\" ORDER BY dt"),
            "2026-01-01\n2026-01-02\n2026-01-03");
  EXPECT_THAT(bed.rows("INSERT INTO parts VALUES (1)"), StartsWith("TYPE_MISMATCH"));
  EXPECT_THAT(bed.rows("CREATE TABLE p2 WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 b"),
              HasSubstr("Partition keys must be the last columns"));
}

TEST_F(ExecutionsTest, unload_writes_files_and_no_table) {
  const Execution done = bed.run(
      "UNLOAD (SELECT 1 AS a UNION ALL SELECT 2) TO 's3://data/out/' WITH (  format='PARQUET')");
  ASSERT_EQ(done.state, ExecutionState::kSucceeded) << done.reason;
  EXPECT_EQ(done.update_count, 2U);
  EXPECT_THAT(bed.get(done.manifest), StartsWith("s3://data/out/" + done.id));
  EXPECT_EQ(bed.rows("CREATE EXTERNAL TABLE back (a int) STORED AS PARQUET LOCATION "
                     "'s3://data/out/'"),
            "");
  EXPECT_EQ(bed.rows("SELECT sum(a) FROM back"), "3");
}

TEST_F(ExecutionsTest, partitions_are_found_by_repair_and_added_by_hand) {
  bed.put("events/day=2026-01-01/a.json", R"({"n": 1})");
  bed.put("events/day=2026-01-02/a.json", R"({"n": 2})");
  bed.put("other/a.json", R"({"n": 40})");
  EXPECT_EQ(bed.rows("CREATE EXTERNAL TABLE events (n int) PARTITIONED BY (day date) ROW FORMAT "
                     "SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://data/events/'"),
            "");
  EXPECT_EQ(bed.rows("SELECT count(*) FROM events"), "0");
  EXPECT_EQ(bed.rows("MSCK REPAIR TABLE events"),
            "Repair: Added partition to metastore events:day=2026-01-01\n"
            "Repair: Added partition to metastore events:day=2026-01-02");
  EXPECT_EQ(bed.rows("SELECT day, sum(n) FROM events GROUP BY day ORDER BY day"),
            "2026-01-01|1\n2026-01-02|2");
  EXPECT_EQ(bed.rows("ALTER TABLE events ADD PARTITION (day='2026-03-01') LOCATION "
                     "'s3://data/other/'"),
            "");
  EXPECT_EQ(bed.rows("SELECT sum(n) FROM events WHERE day > DATE '2026-01-01'"), "42");
  EXPECT_EQ(bed.rows("ALTER TABLE events DROP PARTITION (day='2026-01-02')"), "");
  EXPECT_EQ(bed.rows("SELECT sum(n) FROM events"), "41");
}

TEST_F(ExecutionsTest, one_partition_scans_less_than_all) {
  EXPECT_EQ(bed.rows("CREATE TABLE wide WITH (partitioned_by = ARRAY['k']) AS SELECT x AS a, "
                     "CAST(x * 7 AS varchar) AS b, x % 4 AS k FROM UNNEST(sequence(1, 4000)) "
                     "AS t(x)"),
            "");
  const uint64_t all = bed.run("SELECT a, b FROM wide").statistics.scanned_bytes;
  const uint64_t part = bed.run("SELECT a, b FROM wide WHERE k = 1").statistics.scanned_bytes;
  const uint64_t column = bed.run("SELECT sum(a) FROM wide").statistics.scanned_bytes;
  EXPECT_GT(all, 0U);
  EXPECT_LT(part, all / 2);
  EXPECT_LT(column, all);
  EXPECT_GT(column, 0U);
}

TEST_F(ExecutionsTest, views_are_their_query) {
  make_tables();
  EXPECT_EQ(bed.rows("CREATE VIEW v AS SELECT volume AS n FROM market WHERE volume > 0"), "");
  EXPECT_EQ(bed.rows("SELECT n FROM v"), "7");
  EXPECT_EQ(bed.rows("CREATE OR REPLACE VIEW v2 AS SELECT n + 1 AS m FROM v"), "");
  EXPECT_EQ(bed.rows("SELECT sum(x.m) FROM v2 x, v2 y"), "8");
  EXPECT_THAT(bed.rows("CREATE VIEW v AS SELECT 1 AS a"), StartsWith("ALREADY_EXISTS"));
  EXPECT_EQ(bed.rows("SHOW VIEWS"), "v\nv2");
  EXPECT_THAT(bed.rows("DROP TABLE v"), HasSubstr("Cannot drop a view"));
  EXPECT_EQ(bed.rows("DROP VIEW v2"), "");
  EXPECT_THAT(bed.rows("SELECT * FROM v2"), StartsWith("TABLE_NOT_FOUND"));
}

TEST_F(ExecutionsTest, databases_and_tables_come_and_go) {
  EXPECT_EQ(bed.rows("CREATE DATABASE IF NOT EXISTS market COMMENT 'c'"), "");
  EXPECT_THAT(bed.rows("CREATE DATABASE market"), HasSubstr("already exists"));
  EXPECT_EQ(bed.rows("SHOW DATABASES LIKE 'mar*'"), "market");
  EXPECT_EQ(bed.rows("CREATE EXTERNAL TABLE market.t (a int, b array<struct<c:string>>) LOCATION "
                     "'s3://data/none/'"),
            "");
  EXPECT_EQ(bed.rows("SELECT * FROM market.t"), "");
  EXPECT_EQ(bed.rows("SHOW COLUMNS IN market.t"), "a                   \nb                   ");
  EXPECT_THAT(bed.rows("SHOW CREATE TABLE market.t"),
              AllOf(HasSubstr("CREATE EXTERNAL TABLE `t`("),
                    HasSubstr("`b` array<struct<c:string>>)"), HasSubstr("'s3://data/none/'")));
  EXPECT_THAT(bed.rows("DROP DATABASE market"), HasSubstr("is not empty"));
  EXPECT_EQ(bed.rows("ALTER TABLE market.t ADD COLUMNS (d double)"), "");
  EXPECT_THAT(bed.rows("DESCRIBE market.t"), HasSubstr("d                   \tdouble"));
  EXPECT_EQ(bed.rows("DROP TABLE market.t"), "");
  EXPECT_EQ(bed.rows("DROP TABLE IF EXISTS market.t"), "");
  EXPECT_EQ(bed.rows("DROP DATABASE market"), "");
}

TEST_F(ExecutionsTest, parameters_and_prepared_statements_are_filled_in) {
  EXPECT_EQ(bed.rows("SELECT ? || '!' AS a, ? + 1", {"'x'", "41"}), "x!|42");
  EXPECT_THAT(bed.rows("SELECT ?"), HasSubstr("Incorrect number of parameters"));
  EXPECT_EQ(bed.rows("PREPARE p FROM SELECT ? * 2 AS d"), "");
  EXPECT_EQ(bed.rows("EXECUTE p USING 21"), "42");
  EXPECT_EQ(bed.rows("EXECUTE p", {"4"}), "8");
  EXPECT_EQ(bed.rows("DEALLOCATE PREPARE p"), "");
  EXPECT_THAT(bed.rows("EXECUTE p USING 1"), StartsWith("NOT_FOUND"));
}

TEST_F(ExecutionsTest, who_may_not_read_a_table_is_refused_and_nothing_is_written) {
  make_tables();
  const aws::Principal ann = bed.identities.make_user("ann");
  const auto policy = [&](const std::string& statements) {
    EXPECT_TRUE(bed.identities.users->put_policy(
        "ann", "p", R"({"Version": "2012-10-17", "Statement": [)" + statements + "]}"));
  };
  const std::string output =
      R"({"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::athena-results/*"]})";
  const std::string quotes =
      R"(, {"Effect": "Allow", "Action": "glue:*", "Resource": ["arn:aws:glue:*:*:catalog",
          "arn:aws:glue:*:*:database/default", "arn:aws:glue:*:*:table/default/quotes"]})";
  const std::string objects =
      R"(, {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
          "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/csv/*"]})";
  policy(output);
  EXPECT_THAT(bed.rows("SELECT * FROM quotes", {}, &ann),
              AllOf(StartsWith("PERMISSION_DENIED"), HasSubstr("glue:GetTable")));
  EXPECT_THAT(bed.rows("SELECT * FROM ticklake.trades", {}, &ann), StartsWith("PERMISSION_DENIED"));
  policy(output + quotes);
  EXPECT_THAT(bed.rows("SELECT * FROM quotes", {}, &ann),
              HasSubstr("Permission denied on S3 path"));
  policy(output + quotes + objects);
  EXPECT_EQ(bed.rows("SELECT count(*) FROM quotes", {}, &ann), "3");
  EXPECT_THAT(bed.rows("SELECT count(*) FROM quotes, market", {}, &ann),
              HasSubstr("table/default/market"));
  EXPECT_THAT(bed.rows("UNLOAD (SELECT 1 AS a) TO 's3://data/x/'", {}, &ann),
              HasSubstr("s3:PutObject"));
  EXPECT_THAT(bed.rows("DROP TABLE market", {}, &ann), HasSubstr("glue:DeleteTable"));
  policy(quotes.substr(2) + objects);
  EXPECT_THAT(bed.rows("SELECT count(*) FROM quotes", {}, &ann), HasSubstr("s3:PutObject"));
  const Execution of_root = bed.run("SELECT 1 AS secret");
  EXPECT_THAT(bed.results(of_root, &ann), HasSubstr("Permission denied"));
}

TEST_F(ExecutionsTest, a_token_starts_one_execution) {
  StartRequest request{.sql = "SELECT 1", .token = std::string(32, 't')};
  request.caller = bed.caller(bed.root);
  const auto first = bed.executions->start(request);
  const auto second = bed.executions->start(request);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  request.sql = "SELECT 2";
  const auto other = bed.executions->start(request);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "InvalidRequestException");
}

TEST_F(ExecutionsTest, finished_executions_survive_a_restart_and_others_have_failed) {
  const Execution done = bed.run("SELECT 'kept' AS a");
  bed.open({.running_max = 0});
  StartRequest request{.sql = "SELECT 2"};
  request.caller = bed.caller(bed.root);
  const auto waiting = bed.executions->start(request);
  ASSERT_TRUE(waiting);
  bed.open();
  const auto found = bed.executions->find(done.id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(bed.results(**found), "kept");
  const auto lost = bed.executions->find(*waiting);
  ASSERT_TRUE(lost && *lost);
  EXPECT_EQ((*lost)->state, ExecutionState::kFailed);
  const auto listed = bed.executions->store().list("primary", 1, "");
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->items, std::vector{*waiting});
  const auto rest = bed.executions->store().list("primary", 10, listed->next);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->items, std::vector{done.id});
}

TEST_F(ExecutionsTest, what_is_stopped_is_cancelled) {
  StartRequest request{.sql =
                           "SELECT count(*) FROM UNNEST(sequence(1, 100000)) a(x), "
                           "UNNEST(sequence(1, 100000)) b(y), UNNEST(sequence(1, 100000)) c(z)"};
  request.caller = bed.caller(bed.root);
  const auto id = bed.executions->start(request);
  ASSERT_TRUE(id);
  EXPECT_TRUE(bed.executions->stop(*id));
  EXPECT_EQ(bed.wait(*id).state, ExecutionState::kCancelled);
  EXPECT_TRUE(bed.executions->stop(*id)) << "once more is well";
}

TEST_F(ExecutionsTest, results_come_in_pages) {
  const Execution done = bed.run("SELECT x FROM UNNEST(sequence(1, 5)) AS t(x) ORDER BY x");
  const Caller asking = bed.caller(bed.root);
  const CallerRights rights(*bed.identities.access, asking);
  std::vector<std::string> seen;
  std::string token;
  do {
    const auto page = bed.executions->results(done, rights, 4, token);
    ASSERT_TRUE(page) << page.error().message;
    for (const ResultRow& row : page->rows)
      seen.push_back(row.at(0).value_or("NULL"));
    token = page->next;
  } while (!token.empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"x", "1", "2", "3", "4", "5"}));
  EXPECT_FALSE(bed.executions->results(done, rights, 4, "bm9uc2Vuc2U="));
}

TEST_F(ExecutionsTest, what_does_not_parse_is_accepted_and_fails) {
  EXPECT_THAT(bed.rows("SELEC 1"), StartsWith("SYNTAX_ERROR: line 1:1"));
  EXPECT_THAT(bed.rows("SELECT nosuch FROM ticklake.trades"),
              StartsWith("COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved"));
  EXPECT_THAT(bed.rows("SELECT 1 / 0"), StartsWith("DIVISION_BY_ZERO"));
  bed.put("bad/a.json", R"({"n": "no number"})");
  EXPECT_EQ(bed.rows("CREATE EXTERNAL TABLE bad (n int) ROW FORMAT SERDE "
                     "'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://data/bad/'"),
            "");
  const std::string why = bed.rows("SELECT n FROM bad");
  EXPECT_THAT(why, HasSubstr("s3://data/bad/a.json"));
  EXPECT_THAT(why, testing::Not(HasSubstr(bed.folder.path().string())));
}

}  // namespace
}  // namespace ticklake::query::executions
