#include "feed/poll_rows.h"

#include <gtest/gtest.h>

#include "feed/rows.h"

namespace ticklake::feed {
namespace {

base::Result<PolledRows> read(PollRowOptions options, std::string_view answer) {
  auto reader = PollRowReader::make(std::move(options));
  if (!reader) return base::fail(reader.error());
  return reader->read(answer);
}

using Lines = std::vector<std::string>;

Lines lines(const base::Result<PolledRows>& polled) {
  if (!polled) return {base::to_text(polled.error())};
  Lines found;
  for (const PolledRow& row : polled->rows)
    found.push_back(row.json);
  return found;
}

// The answers below are made up, in the shapes that docs/polling.md has recipes for.

TEST(PollRows, coinbase_trades_are_sent_oldest_first) {
  const auto polled =
      read({.dedupe_by = {"trade_id"}, .time_column = "trade_id", .is_newest_first = true},
           R"([{"trade_id": 12, "side": "sell", "size": "0.00010000", "price": "43000.10",
                "time": "2024-01-02T03:04:06.5Z"},
               {"trade_id": 9, "side": "buy", "size": "1.20000000", "price": "43000.00",
                "time": "2024-01-02T03:04:05.1Z"}])");
  EXPECT_EQ(lines(polled), (Lines{R"({"trade_id":9,"side":"buy","size":"1.20000000",)"
                                  R"("price":"43000.00","time":"2024-01-02T03:04:05.1Z"})",
                                  R"({"trade_id":12,"side":"sell","size":"0.00010000",)"
                                  R"("price":"43000.10","time":"2024-01-02T03:04:06.5Z"})"}));
}

TEST(PollRows, binance_aggregate_trades_get_names_and_their_symbol) {
  const auto polled = read({.columns = {{"symbol", "\"BTCUSDT\""},
                                        {"id", "a"},
                                        {"price", "p"},
                                        {"timestamp", "T"},
                                        {"buyer_is_maker", "m"}},
                            .dedupe_by = {"id"},
                            .key_column = "symbol"},
                           R"([{"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27781,
                                "T":1498793709153,"m":true,"M":true}])");
  EXPECT_EQ(lines(polled), Lines{R"({"symbol":"BTCUSDT","id":26129,"price":"0.01633102",)"
                                 R"("timestamp":1498793709153,"buyer_is_maker":true})"});
  EXPECT_EQ(polled->rows[0].key, "BTCUSDT");
}

TEST(PollRows, kraken_trades_are_arrays_under_a_pair) {
  const auto polled =
      read({.json_path = "$.result.XXBTZUSD",
            .columns = {{"price", "[0]"}, {"timestamp", "[2]"}, {"side", "@[3]"}, {"id", "[6]"}},
            .dedupe_by = {"id"}},
           R"({"error":[],"result":{"XXBTZUSD":[
                ["30243.40000","0.34507674",1688669597.827736900,"b","m","",61044952]],
              "last":"1688671969993150842"}})");
  EXPECT_EQ(
      lines(polled),
      Lines{
          R"({"price":"30243.40000","timestamp":1688669597.827736900,"side":"b","id":61044952})"});
}

TEST(PollRows, alpha_vantage_bars_are_keyed_by_their_time) {
  constexpr std::string_view kAnswer = R"~({"Meta Data": {"2. Symbol": "IBM"},
    "Time Series (5min)": {"2024-01-02 19:55:00": {"1. open": "160.10", "5. volume": "12"},
                           "2024-01-02 19:50:00": {"1. open": "160.00", "5. volume": "3"}}})~";
  const auto polled = read({.json_path = "$['Time Series (5min)'].*",
                            .columns = {{"symbol", "$['Meta Data']['2. Symbol']"},
                                        {"time", "~"},
                                        {"open", "['1. open']"}},
                            .dedupe_by = {"symbol", "time"},
                            .key_column = "symbol",
                            .time_column = "time"},
                           kAnswer);
  EXPECT_EQ(lines(polled),
            (Lines{R"({"symbol":"IBM","time":"2024-01-02 19:50:00","open":"160.00"})",
                   R"({"symbol":"IBM","time":"2024-01-02 19:55:00","open":"160.10"})"}));
}

TEST(PollRows, polygon_bars_take_their_ticker_from_the_answer) {
  const auto polled =
      read({.json_path = "$.results",
            .columns = {{"ticker", "$.ticker"}, {"timestamp", "t"}, {"open", "o"}}},
           R"({"ticker":"AAPL","resultsCount":1,"results":[{"v":5,"o":130.465,"t":1673240400000}],
               "status":"OK","next_url":"https://h/v2/aggs?cursor=x"})");
  EXPECT_EQ(lines(polled), Lines{R"({"ticker":"AAPL","timestamp":1673240400000,"open":130.465})"});
}

TEST(PollRows, the_only_array_is_found_and_of_several_one_is_asked_for) {
  EXPECT_EQ(lines(read({}, R"({"a":{"b":[{"x":1}]}})")), Lines{R"({"x":1})"});
  EXPECT_EQ(lines(read({}, "[]")), Lines{});
  const auto refused = read({}, R"({"a":[],"b":[]})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().cause, "$.a, $.b");
}

TEST(PollRows, an_object_at_the_path_is_one_row) {
  EXPECT_EQ(lines(read({.json_path = "$.q"}, R"({"q":{"x":1},"l":[]})")), Lines{R"({"x":1})"});
}

TEST(PollRows, what_is_not_of_the_told_shape_says_what_it_is) {
  const auto error = [](PollRowOptions options, std::string_view answer) {
    const auto refused = read(std::move(options), answer);
    return refused ? "" : base::to_text(refused.error());
  };
  EXPECT_NE(error({}, "<html>busy</html>").find("cause: it is <html>busy</html>"),
            std::string::npos);
  EXPECT_NE(error({}, R"({"Note":"slow"})").find(R"(it is {"Note":"slow"})"), std::string::npos);
  EXPECT_NE(error({.json_path = "$.x"}, "{}").find("nothing at $.x"), std::string::npos);
  EXPECT_NE(error({}, "[1]").find("--map"), std::string::npos);
  EXPECT_NE(error({.dedupe_by = {"id"}}, R"([{"x":1}])").find("no 'id'"), std::string::npos);
  EXPECT_NE(error({.columns = {{"x", "$.x"}}}, R"([{"x":1}])").find("no --map finds"),
            std::string::npos);
  EXPECT_NE(error({.rows_max = 2}, "[{},{},{}]").find("more than 2 rows"), std::string::npos);
  EXPECT_EQ(error({.rows_max = 3}, "[{},{},{}]"), "");
  const std::string large = "[{\"x\":\"" + std::string(kRowJsonBytesMax, 'x') + "\"}]";
  EXPECT_NE(error({}, large).find("a record at most"), std::string::npos);
}

TEST(PollRows, columns_that_no_map_makes_and_wildcards_in_a_map_are_refused) {
  EXPECT_FALSE(PollRowReader::make({.columns = {{"a", "a"}}, .dedupe_by = {"b"}}));
  EXPECT_FALSE(PollRowReader::make({.columns = {{"a", "a"}}, .key_column = "b"}));
  EXPECT_FALSE(PollRowReader::make({.columns = {{"a", "a"}}, .time_column = "b"}));
  EXPECT_FALSE(PollRowReader::make({.columns = {{"a", "a[*]"}}}));
  EXPECT_FALSE(PollRowReader::make({.json_path = "data"}));
}

TEST(PollRows, what_a_row_has_not_is_null_and_what_no_row_has_is_told) {
  const auto polled =
      read({.columns = {{"a", "a"}, {"b", "b"}, {"c", "c"}}}, R"([{"a":1},{"a":2,"b":"x"}])");
  EXPECT_EQ(lines(polled), (Lines{R"({"a":1,"b":null,"c":null})", R"({"a":2,"b":"x","c":null})"}));
  EXPECT_EQ(polled->missing, std::vector<std::string>{"c"});
}

TEST(PollRows, rows_are_told_apart_by_the_chosen_columns_alone) {
  const auto polled = read({.dedupe_by = {"a", "b"}}, R"([{"a":"1","b":"23"},{"a":"12","b":"3"},
                                                         {"a":"1","b":"23","c":0}])");
  ASSERT_TRUE(polled);
  EXPECT_NE(polled->rows[0].id, polled->rows[1].id);
  EXPECT_EQ(polled->rows[0].id, polled->rows[2].id);
  const auto whole = read({}, R"([{"a":1, "b":2},{"a":1,"b":2},{"a":1,"b":3}])");
  EXPECT_EQ(whole->rows[0].id, whole->rows[1].id);
  EXPECT_NE(whole->rows[0].id, whole->rows[2].id);
}

TEST(PollRows, rows_are_sorted_by_nanoseconds_too) {
  const auto polled = read({.time_column = "t"},
                           R"([{"t":1700000000000000002},{"t":"1700000000000000001"},{"x":1}])");
  EXPECT_EQ(lines(polled), (Lines{R"({"x":1})", R"({"t":"1700000000000000001"})",
                                  R"({"t":1700000000000000002})"}));
}

}  // namespace
}  // namespace ticklake::feed
