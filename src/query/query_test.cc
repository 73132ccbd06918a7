#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "query/metadata_columns.h"
#include "query/query_engine.h"
#include "query/sql_token.h"

namespace ticklake::query {
namespace {

using testing::HasSubstr;

constexpr const char* kFixture = R"(
CREATE SCHEMA wide;
CREATE SCHEMA placed;
CREATE SCHEMA store;
CREATE TABLE store.trades AS
  SELECT ['AAPL', 'MSFT'][1 + i % 2] AS symbol, 100 + i / 2 AS price, 'trades' AS _topic,
         (i % 2)::INTEGER AS _partition, i AS _offset, TIMESTAMP '2026-01-01' AS _event_time,
         TIMESTAMP '2026-01-01' AS _append_time, TIMESTAMP '2026-01-01' AS _visible_time,
         NULL::TIMESTAMP AS _durable_time, '2026-01-01' AS dt FROM range(6) r(i);
CREATE VIEW wide.trades AS SELECT * FROM store.trades;
CREATE VIEW placed.trades AS SELECT * EXCLUDE (_visible_time, _durable_time) FROM store.trades;
CREATE VIEW main.trades AS SELECT symbol, price FROM store.trades;
CREATE TABLE store.venues AS SELECT 'AAPL' AS symbol, 'Q' AS dt, 7 AS _offset;
CREATE VIEW wide.venues AS SELECT * FROM store.venues;
CREATE VIEW placed.venues AS SELECT * FROM store.venues;
CREATE VIEW main.venues AS SELECT symbol, dt FROM store.venues;
)";

class QueryTest : public testing::Test {
 protected:
  QueryTest() : database_(open({})), engine_(database_, clock_, {.names_files = true}) { fill(); }

  static table::Database open(const std::vector<base::Path>& folders) {
    auto opened = table::Database::open({.threads = 2, .allowed_folders = folders});
    if (!opened) ADD_FAILURE() << base::to_text(opened.error());
    return std::move(*opened);
  }
  void fill() {
    auto connection = database_.connect();
    auto filled = connection->query(kFixture);
    if (!filled) ADD_FAILURE() << filled.error().cause;
    ASSERT_TRUE(database_.lock_down({allowed_.path()}));
  }

  struct Answer {
    std::vector<std::string> names;
    std::vector<std::string> rows;  ///< cells joined by '|'
    bool truncated = false;
  };
  base::Result<Answer> ask(QueryRequest request) {
    TICKLAKE_ASSIGN(RunningQuery query, engine_.start(std::move(request)));
    Answer answer;
    for (const Column& column : query.columns())
      answer.names.push_back(column.name);
    while (true) {
      TICKLAKE_ASSIGN(const RowBlock block, query.next());
      if (block.rows() == 0) break;
      for (size_t row = 0; row < block.rows(); ++row) {
        std::string line;
        for (size_t column = 0; column < block.columns(); ++column)
          line += (column ? "|" : "") + std::string(block.cell(row, column).value_or("NULL"));
        answer.rows.push_back(line);
      }
    }
    answer.truncated = query.truncated();
    return answer;
  }
  std::string names(const std::string& sql) {
    const auto answer = ask({sql});
    if (!answer) return base::to_text(answer.error());
    std::string line;
    for (const std::string& name : answer->names)
      line += (line.empty() ? "" : " ") + name;
    return line;
  }
  std::string first(const std::string& sql) {
    const auto answer = ask({sql});
    if (!answer) return base::to_text(answer.error());
    return answer->rows.empty() ? "(no row)" : answer->rows.front();
  }

  base::SystemClock clock_;
  base::TemporaryFolder allowed_;
  base::TemporaryFolder other_;
  table::Database database_;
  QueryEngine engine_;
};

TEST_F(QueryTest, star_shows_the_users_columns_and_only_what_was_asked_for) {
  EXPECT_EQ(names("SELECT * FROM trades"), "symbol price");
  EXPECT_EQ(names("SELECT *, _offset FROM trades WHERE _partition = 0"), "symbol price _offset");
  EXPECT_EQ(names("SELECT t.* FROM trades t WHERE t._offset > 1"), "symbol price");
  EXPECT_EQ(names("FROM trades WHERE \"_offset\" > 1"), "symbol price");
  EXPECT_EQ(names("SELECT * FROM Trades ORDER BY _OFFSET DESC LIMIT 1"), "symbol price");
  EXPECT_EQ(names("SELECT * EXCLUDE (price), _offset FROM trades"), "symbol _offset");
  EXPECT_EQ(names("SELECT symbol, max(_offset) AS m FROM trades GROUP BY ALL ORDER BY ALL"),
            "symbol m");
  EXPECT_EQ(names("SELECT COLUMNS(*) FROM trades WHERE _offset = 0"), "symbol price");
  EXPECT_EQ(names("DESCRIBE SELECT *, dt FROM trades"),
            "column_name column_type null key default extra");
}

TEST_F(QueryTest, metadata_resolves_in_joins_subqueries_and_ctes) {
  EXPECT_EQ(names("SELECT * FROM trades a JOIN trades b ON a._offset = b._offset"),
            "symbol price symbol price");
  EXPECT_EQ(names("SELECT * FROM trades a JOIN trades b USING (_offset)"),
            "symbol price _offset symbol price");
  EXPECT_EQ(names("SELECT * FROM trades JOIN venues USING (symbol) WHERE trades._offset = 0"),
            "symbol price dt");
  EXPECT_EQ(names("SELECT * FROM trades WHERE _offset IN (SELECT max(_offset) FROM trades)"),
            "symbol price");
  EXPECT_EQ(first("SELECT count(*), max(_offset), min(dt) FROM trades"), "6|5|2026-01-01");
  EXPECT_EQ(first("WITH t AS (SELECT * FROM trades) SELECT max(_offset) FROM t"), "5");
  EXPECT_EQ(names("WITH t AS (SELECT * FROM trades) SELECT *, _offset FROM t"),
            "symbol price _offset");
  EXPECT_EQ(names("SELECT * FROM (SELECT * FROM trades) WHERE _offset > 2"), "symbol price");
  EXPECT_EQ(names("SELECT * FROM (SELECT *, _offset FROM trades) WHERE _offset > 2"),
            "symbol price _offset");
  EXPECT_EQ(names("SELECT * FROM trades WHERE _offset = 0 UNION ALL FROM trades"), "symbol price");
  EXPECT_EQ(first("WITH trades AS (SELECT 42 AS _offset) SELECT * FROM trades"), "42");
  EXPECT_EQ(first("WITH RECURSIVE n(_offset) AS (SELECT 1 UNION ALL SELECT _offset + 1 FROM n "
                  "WHERE _offset < 3) SELECT max(_offset) FROM n"),
            "3");
  EXPECT_EQ(first("SELECT DISTINCT * FROM (SELECT DISTINCT * EXCLUDE (price) FROM trades "
                  "WHERE _partition = 1)"),
            "MSFT");
  EXPECT_EQ(first("SELECT (SELECT max(t2._offset) FROM trades t2 WHERE t2.symbol = t.symbol) "
                  "FROM trades t ORDER BY _offset LIMIT 1"),
            "4");
}

TEST_F(QueryTest, a_users_own_column_named_like_metadata_is_the_users) {
  EXPECT_EQ(names("SELECT * FROM venues WHERE dt = 'Q' AND _offset = 7"), "symbol dt");
}

TEST_F(QueryTest, whatever_is_no_query_is_refused) {
  for (const char* sql :
       {"INSERT INTO store.trades (symbol) VALUES ('x')",
        "DELETE FROM store.trades",
        "UPDATE store.trades SET price = 0",
        "DROP TABLE nosuch",
        "CREATE TABLE t (a INT)",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "COPY store.trades FROM '/tmp/x.csv'",
        "ATTACH '/tmp/x.db'",
        "DETACH memory",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "RESET threads",
        "PRAGMA enable_profiling",
        "PRAGMA table_info('trades')",
        "SET lock_configuration = false",
        "USE wide",
        "CALL pragma_version()",
        "BEGIN",
        "COMMIT",
        "VACUUM",
        "CHECKPOINT",
        "EXPORT DATABASE '/tmp/x'",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "EXPLAIN DELETE FROM store.trades",
        "EXPLAIN ANALYZE DELETE FROM store.trades",
        "EXPLAIN (ANALYZE, FORMAT json) DELETE FROM store.trades",
        "explain /* x */ analyze insert into store.trades (symbol) values ('x')"}) {
    const auto answer = ask({sql});
    ASSERT_FALSE(answer) << sql;
    EXPECT_EQ(answer.error().what, "only queries are allowed here") << sql;
  }
  EXPECT_FALSE(ask({"SELECT 1; DROP VIEW trades"}));
  EXPECT_FALSE(ask({"SELECT 1; SELECT 2"}));
  EXPECT_FALSE(ask({""}));
  EXPECT_FALSE(ask({" ; -- nothing"}));
  EXPECT_EQ(first("SELECT count(*) FROM trades"), "6");
}

TEST_F(QueryTest, every_kind_of_query_is_allowed) {
  for (const char* sql :
       {"SELECT 1", "(SELECT 1)", "WITH a AS (SELECT 1) FROM a", "FROM trades", "VALUES (1), (2)",
        "TABLE trades", "DESCRIBE trades", "DESC trades", "SHOW TABLES", "SHOW ALL TABLES",
        "SUMMARIZE trades", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT _offset FROM trades",
        "EXPLAIN (FORMAT json) SELECT 1", "-- a comment\nselect 1; -- and another",
        "PIVOT trades ON symbol IN ('AAPL') USING sum(price)"}) {
    const auto answer = ask({sql});
    EXPECT_TRUE(answer) << sql << "\n" << (answer ? "" : base::to_text(answer.error()));
  }
}

TEST_F(QueryTest, files_outside_the_lake_are_closed) {
  const std::string secret = (other_.path() / "secret.csv").string();
  std::ofstream(secret) << "a\n1\n";
  std::ofstream(allowed_.path() / "open.csv") << "a\n1\n";
  for (const std::string& sql : std::vector<std::string>{
           "SELECT * FROM '" + secret + "'", "SELECT * FROM read_csv('" + secret + "')",
           "SELECT * FROM read_text('" + secret + "')", "SELECT * FROM read_blob('/etc/passwd')",
           "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/etc/*')",
           "SELECT * FROM read_csv('" + allowed_.path().string() + "/../" +
               other_.path().filename().string() + "/secret.csv')",
           std::string("SELECT * FROM sniff_csv('/etc/passwd')"),
           std::string("SELECT * FROM parquet_metadata('/etc/passwd')"),
           std::string("SELECT * FROM query('COPY (SELECT 1) TO ''/tmp/x''')"),
           std::string("SELECT * FROM 'http://127.0.0.1:1/x.parquet'")}) {
    const auto answer = ask({sql});
    ASSERT_FALSE(answer) << sql;
    EXPECT_THAT(base::to_text(answer.error()), testing::Not(HasSubstr("root:"))) << sql;
  }
  EXPECT_EQ(first("SELECT * FROM '" + (allowed_.path() / "open.csv").string() + "'"), "1");
}

TEST_F(QueryTest, an_unknown_table_is_answered_with_the_tables_there_are) {
  const auto answer = ask({"SELECT *\nFROM trade WHERE x"});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().what, HasSubstr("Table with name trade does not exist!"));
  EXPECT_EQ(answer.error().advice, "tables: trades, venues");
  EXPECT_THAT(answer.error().cause, HasSubstr("line 2, column 6:\n  FROM trade WHERE x\n       ^"));
}

TEST_F(QueryTest, an_error_keeps_its_place_though_the_statement_was_rewritten) {
  const auto answer = ask({"SELECT *, _offset,\n  nosuch FROM trades"});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().cause, HasSubstr("line 2, column 3:\n    nosuch FROM trades\n    ^"));
  const auto syntax = ask({"SELECT 1 FROM WHERE x"});
  ASSERT_FALSE(syntax);
  EXPECT_THAT(syntax.error().cause, HasSubstr("^"));
}

TEST_F(QueryTest, values_of_every_type_are_exact) {
  EXPECT_EQ(
      first("SELECT 9223372036854775807, '-170141183460469231731687303715884105728'::HUGEINT, "
            "340282366920938463463374607431768211455::UHUGEINT"),
      "9223372036854775807|-170141183460469231731687303715884105728|"
      "340282366920938463463374607431768211455");
  EXPECT_EQ(first("SELECT 0.1::DECIMAL(38,10), -0.05::DECIMAL(4,2), 1::DECIMAL(9,0)"),
            "0.1000000000|-0.05|1");
  EXPECT_EQ(first("SELECT 0.1::DOUBLE, 1::DOUBLE, 0.1::FLOAT, 'nan'::DOUBLE, '-inf'::DOUBLE"),
            "0.1|1.0|0.1|nan|-inf");
  EXPECT_EQ(first("SELECT DATE '2024-02-29', TIMESTAMP '2024-02-29 01:02:03.5', "
                  "TIMESTAMP '1969-12-31 23:59:59', TIMESTAMP_NS '2024-01-01 00:00:00.123456789', "
                  "TIME '01:02:03', INTERVAL 90 MINUTE, 'infinity'::DATE, 'infinity'::TIMESTAMP"),
            "2024-02-29|2024-02-29 01:02:03.5|1969-12-31 23:59:59|"
            "2024-01-01 00:00:00.123456789|01:02:03|01:30:00|infinity|infinity");
  EXPECT_EQ(first("SELECT [1, 2], {'a': 1}, MAP {'k': 'v'}, NULL, true, '\\xAA'::BLOB, "
                  "'01'::BIT, 'a'::ENUM('a', 'b')"),
            "[1, 2]|{'a': 1}|{k=v}|NULL|true|\\xAA|01|a");
  EXPECT_EQ(first("SELECT TIMESTAMPTZ '2024-01-01 00:00:00+00'"), "2024-01-01 00:00:00+00");
}

TEST_F(QueryTest, rows_are_cut_at_the_limit_and_only_then) {
  const auto six = ask({"FROM trades", 6});
  ASSERT_TRUE(six);
  EXPECT_FALSE(six->truncated);
  const auto five = ask({"FROM trades", 5});
  ASSERT_TRUE(five);
  EXPECT_EQ(five->rows.size(), 5u);
  EXPECT_TRUE(five->truncated);
  const auto chunked = ask({"SELECT * FROM range(10000)", 2048});
  EXPECT_EQ(chunked->rows.size(), 2048u);
  EXPECT_TRUE(chunked->truncated);
  const auto exact = ask({"SELECT * FROM range(2048)", 2048});
  EXPECT_FALSE(exact->truncated);
}

constexpr const char* kEndless =
    "SELECT count(*) FROM range(10000000000) a, range(100) b WHERE a.range * b.range % 7 = 1";

TEST_F(QueryTest, a_query_that_takes_too_long_is_ended_and_the_session_goes_on) {
  const auto answer = ask({kEndless, 10, std::chrono::milliseconds(100)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::kTimeout);
  EXPECT_EQ(first("SELECT 1"), "1");
}

TEST_F(QueryTest, a_query_whose_user_leaves_is_ended) {
  std::stop_source source;
  std::jthread leaver([&] { source.request_stop(); });
  const auto answer = ask({kEndless, 10, std::chrono::minutes(1), source.get_token()});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::kInterrupted);
}

TEST_F(QueryTest, a_session_is_as_new_after_its_user_left) {
  QueryEngine two(database_, clock_, {.sessions_max = 2});
  // While this one is open, interruptions come at a pace of their own, and so at any moment of
  // the others, also while those are let go.
  const auto held = two.start({"FROM range(10000000)"});
  ASSERT_TRUE(held) << base::to_text(held.error());
  std::stop_source left;
  left.request_stop();
  for (int round = 0; round < 500; ++round) {
    { const auto ended = two.start({"SELECT 1", 10, std::chrono::minutes(1), left.get_token()}); }
    const auto after = two.start({"SELECT 1"});
    ASSERT_TRUE(after) << "round " << round << ": " << base::to_text(after.error());
  }
}

TEST_F(QueryTest, no_more_queries_run_than_there_are_sessions) {
  QueryEngine one(database_, clock_, {.sessions_max = 1});
  auto first_query = one.start({"FROM trades"});
  ASSERT_TRUE(first_query);
  const auto second = one.start({"FROM trades", 1, std::chrono::milliseconds(1)});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::kUnavailable);
  { const RunningQuery ended = std::move(*first_query); }
  EXPECT_TRUE(one.start({"FROM trades"}));
}

TEST_F(QueryTest, tables_have_the_users_columns) {
  const auto tables = engine_.tables();
  ASSERT_TRUE(tables) << base::to_text(tables.error());
  ASSERT_EQ(tables->size(), 2u);
  EXPECT_EQ(tables->at(0).name, "trades");
  ASSERT_EQ(tables->at(0).columns.size(), 2u);
  EXPECT_EQ(tables->at(0).columns[0].name, "symbol");
  EXPECT_EQ(tables->at(0).columns[0].type, "VARCHAR");
}

TEST(Tokens, names_in_strings_and_comments_are_no_names) {
  const auto mentions = [](std::string_view sql) { return mentions_metadata(sql, tokenize(sql)); };
  EXPECT_TRUE(mentions("SELECT _offset"));
  EXPECT_TRUE(mentions("SELECT t.\"_OFFSET\""));
  EXPECT_FALSE(mentions("SELECT '_offset', $$ _offset $$, E'\\'_offset' -- _offset"));
  EXPECT_FALSE(mentions("/* /* */ _offset */ SELECT my_offset"));
  EXPECT_FALSE(mentions("SELECT 'unclosed _offset"));
}

TEST(Tokens, times_that_cost_a_join_are_read_only_for_who_can_see_them) {
  const auto schema = [](std::string_view sql) { return metadata_schema(sql, tokenize(sql)); };
  EXPECT_EQ(schema("SELECT max(_offset), dt, _event_time FROM trades"), kPlacedSchema);
  EXPECT_EQ(schema("SELECT _offset, '_visible_time' FROM trades"), kPlacedSchema);
  EXPECT_EQ(schema("SELECT _offset, \"_Visible_Time\" FROM trades"), kWideSchema);
  EXPECT_EQ(schema("SELECT _offset, COLUMNS('_.*') FROM trades"), kWideSchema);
}

TEST_F(QueryTest, a_row_has_a_limit_and_the_next_query_runs) {
  const auto refused = ask({"SELECT 1 AS a, repeat('x', 20000000) AS b"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().what, "a row of the answer is too large");
  EXPECT_THAT(refused.error().cause, HasSubstr("16 MiB"));
  EXPECT_FALSE(refused.error().advice.empty());
  EXPECT_EQ(first("SELECT length(repeat('x', 20000000))"), "20000000");
  EXPECT_EQ(ask({"SELECT repeat('x', 16777216)"})->rows.front().size(), size_t{kRowBytesMax});
  EXPECT_FALSE(ask({"SELECT repeat('x', 16777217)"}));
  EXPECT_FALSE(ask({"SELECT repeat('x', 8388609), repeat('x', 8388608)"}));
}

TEST_F(QueryTest, wide_rows_come_in_small_blocks_and_none_is_missing) {
  auto query = engine_.start({"SELECT i, repeat('x', 100000) FROM range(200) t(i)", 150});
  ASSERT_TRUE(query);
  uint64_t rows = 0;
  while (true) {
    auto block = query->next();
    ASSERT_TRUE(block);
    if (block->rows() == 0) break;
    EXPECT_LT(block->bytes(), kBlockBytesMax + 200'000);
    for (size_t row = 0; row < block->rows(); ++row)
      EXPECT_EQ(block->cell(row, 0), std::to_string(rows + row));
    rows += block->rows();
  }
  EXPECT_EQ(rows, 150u);
  EXPECT_TRUE(query->truncated());
  EXPECT_FALSE(ask({"SELECT i, repeat('x', 100000) FROM range(150) t(i)", 150})->truncated);
}

TEST_F(QueryTest, a_query_that_needs_too_much_memory_says_so_in_three_parts) {
  for (const char* sql : {"SELECT repeat('x', 2000000000)", "SELECT range(1000000000)",
                          "SELECT length(printf('%1000000000d', 1))"}) {
    const auto refused = ask({sql});
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().code, base::ErrorCode::kNoSpace) << sql;
    EXPECT_EQ(refused.error().what, "the query needs too much memory") << sql;
    EXPECT_FALSE(refused.error().cause.empty()) << sql;
    EXPECT_THAT(refused.error().advice, HasSubstr("--query-memory")) << sql;
  }
  EXPECT_EQ(first("SELECT 6 * 7"), "42");
}

TEST_F(QueryTest, who_leaves_while_he_waits_for_a_session_leaves_the_queue) {
  QueryEngine one(database_, clock_, {.sessions_max = 1});
  auto holder = one.start({"SELECT * FROM range(1000000)"});
  ASSERT_TRUE(holder);
  std::stop_source leaves;
  std::jthread leaver([&] {
    while (one.stats().queries < 2)
      std::this_thread::yield();
    leaves.request_stop();
  });
  const auto waited = one.start({"SELECT 1", 10, std::chrono::hours(1), leaves.get_token()});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, base::ErrorCode::kInterrupted);
  const auto late = one.start({"SELECT 1", 10, std::chrono::hours(1), leaves.get_token()});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::ErrorCode::kInterrupted);
}

TEST_F(QueryTest, the_time_limit_holds_for_planning_too) {
  // Each step has twice the joins of the one before; the plan would have millions.
  std::string sql = "WITH a0 AS NOT MATERIALIZED (SELECT 1 AS x)";
  for (int i = 1; i < 25; ++i) {
    const std::string before = "a" + std::to_string(i - 1);
    sql += ", a" + std::to_string(i) + " AS NOT MATERIALIZED (SELECT l.x FROM " + before + " l, " +
           before + " r)";
  }
  const auto late = ask({sql + " SELECT count(*) FROM a24", 10, std::chrono::milliseconds(100)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::ErrorCode::kTimeout) << base::to_text(late.error());
  EXPECT_EQ(first("SELECT 6 * 7"), "42");
}

}  // namespace
}  // namespace ticklake::query
