#include <gtest/gtest.h>

#include "market/time_text.h"
#include "market/trade_json.h"
#include "market/types.h"

namespace ticklake::market {
namespace {

using std::chrono::nanoseconds;

Trade example_trade() {
  return {.symbol = *Symbol::parse("AAPL"),
          .price = Price::of_cents(18912),
          .size = 100,
          .venue = 'Q',
          .seq = 12345,
          .event_time = *parse_rfc3339("2026-11-24T00:15:03.123456Z")};
}

TEST(Symbol, takes_what_exchanges_use_and_nothing_that_json_must_escape) {
  for (const char* text :
       {"A", "BRK.B", "^GSPC", "000001.SS", "BTC-USD", "ES=F", "ABCDEFGHIJKLMNO"})
    EXPECT_EQ(Symbol::parse(text)->text(), text);
  for (const char* text : {"", "A\"B", "A\\B", "A B", "A\nB", "É", "ABCDEFGHIJKLMNOP"})
    EXPECT_FALSE(Symbol::parse(text)) << text;
}

TEST(Price, reads_decimals_exactly_and_refuses_the_rest) {
  EXPECT_EQ(Price::parse("189.12"), Price::of_cents(18912));
  EXPECT_EQ(Price::parse("0.0001"), Price::of_units(1));
  EXPECT_EQ(Price::parse("-3"), Price::of_units(-30'000));
  EXPECT_EQ(Price::parse("99999999999999.9999")->units(), 999'999'999'999'999'999);
  for (const char* text :
       {"", "-", ".", "1.", ".5", "1.00001", "1e3", "+1", "1,000", "nan", "100000000000000"})
    EXPECT_FALSE(Price::parse(text)) << text;
}

TEST(TradeJson, is_the_object_that_the_table_trades_is_made_of) {
  EXPECT_EQ(to_json(example_trade()),
            R"({"symbol":"AAPL","price":189.12,"size":100,"venue":"Q","seq":12345,)"
            R"("event_time":"2026-11-24T00:15:03.123456Z"})");
}

TEST(TradeJson, writes_null_for_what_is_missing) {
  Trade trade = example_trade();
  trade.price.reset();
  trade.size.reset();
  trade.venue = '\0';
  EXPECT_EQ(to_json(trade), R"({"symbol":"AAPL","price":null,"size":null,"venue":null,"seq":12345,)"
                            R"("event_time":"2026-11-24T00:15:03.123456Z"})");
  EXPECT_EQ(to_json(*parse_trade_json(to_json(trade))), to_json(trade));
}

TEST(TradeJson, writes_prices_with_two_to_four_decimals) {
  const auto price_of = [](int64_t units) {
    Trade trade = example_trade();
    trade.price = Price::of_units(units);
    const std::string json = to_json(trade);
    const size_t start = json.find("\"price\":") + 8;
    return json.substr(start, json.find(',', start) - start);
  };
  EXPECT_EQ(price_of(1'890'000), "189.00");
  EXPECT_EQ(price_of(1'891'000), "189.10");
  EXPECT_EQ(price_of(1'891'230), "189.123");
  EXPECT_EQ(price_of(1), "0.0001");
  EXPECT_EQ(price_of(-15'000), "-1.50");
  EXPECT_EQ(price_of(std::numeric_limits<int64_t>::min()), "-922337203685477.5808");
}

TEST(TradeJson, the_largest_trade_fits_the_stated_room) {
  Trade trade = example_trade();
  trade.symbol = *Symbol::parse("ABCDEFGHIJKLMNO");
  trade.price = Price::of_units(std::numeric_limits<int64_t>::min());
  trade.size = std::numeric_limits<int64_t>::min();
  trade.seq = std::numeric_limits<uint64_t>::max();
  EXPECT_LE(to_json(trade).size(), kTradeJsonBytesMax);
}

TEST(TradeJson, reads_back_what_it_wrote_and_nothing_else) {
  const std::string json = to_json(example_trade());
  EXPECT_EQ(to_json(*parse_trade_json(json)), json);
  for (size_t size = 0; size < json.size(); ++size)
    EXPECT_FALSE(parse_trade_json(std::string_view(json).substr(0, size))) << size;
  EXPECT_FALSE(parse_trade_json(json + " "));
  EXPECT_FALSE(parse_trade_json("{}"));
}

TEST(Rfc3339, reads_zero_to_nine_fraction_digits) {
  const auto second = *parse_rfc3339("2021-02-22T15:51:44Z");
  EXPECT_EQ(base::to_unix_ns(second), 1'614'009'104'000'000'000);
  EXPECT_EQ(parse_rfc3339("2021-02-22T15:51:44.2Z"), second + nanoseconds(200'000'000));
  EXPECT_EQ(parse_rfc3339("2021-02-22T15:51:44.208Z"), second + nanoseconds(208'000'000));
  EXPECT_EQ(parse_rfc3339("2021-02-22T15:51:44.335689322Z"), second + nanoseconds(335'689'322));
  EXPECT_FALSE(parse_rfc3339("2021-02-22T15:51:44.3356893221Z"));
  EXPECT_FALSE(parse_rfc3339("2021-02-22T15:51:44.Z"));
}

TEST(Rfc3339, reads_offsets_from_utc) {
  const auto utc = parse_rfc3339("2021-02-22T15:51:44Z");
  EXPECT_EQ(parse_rfc3339("2021-02-22T10:51:44-05:00"), utc);
  EXPECT_EQ(parse_rfc3339("2021-02-22T21:21:44+05:30"), utc);
  EXPECT_EQ(parse_rfc3339("2021-02-22 15:51:44z"), utc);
}

TEST(Rfc3339, refuses_days_and_times_that_do_not_exist) {
  for (const char* text :
       {"", "2021-02-29T00:00:00Z", "2021-13-01T00:00:00Z", "2021-00-01T00:00:00Z",
        "2021-01-01T24:00:00Z", "2021-01-01T00:60:00Z", "2021-01-01T00:00:61Z",
        "2021-01-01T00:00:00", "2021-01-01T00:00Z", "2021-1-1T00:00:00Z", "1500-01-01T00:00:00Z",
        "2021-01-01T00:00:00+24:00", "2021-01-01T00:00:00Zx"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Rfc3339, writes_what_it_read_also_before_1970) {
  for (const char* text : {"1969-12-31T23:59:59.999999999Z", "1678-01-01T00:00:00.000000000Z",
                           "2261-12-31T23:59:59.999999999Z", "2000-02-29T12:30:45.000000001Z"})
    EXPECT_EQ(to_rfc3339(*parse_rfc3339(text), 9), text);
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2021-02-22T15:51:44.999Z"), 0), "2021-02-22T15:51:44Z");
}

}  // namespace
}  // namespace ticklake::market
