#include "feed/known_shapes.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/trim.h"
#include "feed/csv_number.h"
#include "feed/time_format.h"

namespace ticklake::feed {
namespace {

constexpr std::string_view kPackedTime = "%Y%m%d %H%M%S";
constexpr size_t kHistDataTickBytes = 18, kPackedTimeBytes = 15;
constexpr size_t kEpochSecondsDigits = 10;
constexpr std::chrono::minutes kEastern = -std::chrono::hours(5);

bool is_integer(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

bool reads(std::string_view format, std::string_view text) {
  const auto parsed = TimeFormat::parse(format);
  return parsed && parsed->read(text).has_value();
}

bool is_of_kind(char kind, std::string_view text) {
  switch (kind) {
    case 'i': return is_integer(text);
    case 'n': return read_number(text, {}).has_value();
    case 'e':
      return text.substr(0, text.find('.')).size() == kEpochSecondsDigits && reads("s", text);
    case 'b': return text == "True" || text == "False" || text == "true" || text == "false";
    case 'd': return reads("%Y.%m.%d", text);
    case 'h': return reads("%Y %H:%M", "2000 " + std::string(text));
    case 't':
      return text.size() <= kHistDataTickBytes &&
             reads(kPackedTime, text.substr(0, kPackedTimeBytes));
    default: return false;
  }
}

constexpr std::array kShapes = {

    KnownShape{"yahoo", "Yahoo Finance's history download",
               "Date,Open,High,Low,Close,Adj Close,Volume"},
    KnownShape{"kaggle-stock-exchange",
               "Kaggle's stock exchange data (indexProcessed.csv, indexData.csv)",
               "Index,Date,Open,High,Low,Close,Adj Close,Volume"},
    KnownShape{"stooq-bulk",
               "Stooq's bulk files",
               "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
               {},
               kPackedTime,
               "<DATE>,<TIME>"},
    KnownShape{"stooq", "Stooq's history download", "Date,Open,High,Low,Close,Volume"},
    KnownShape{"nasdaq",
               "Nasdaq's historical quotes",
               "Date,Close/Last,Volume,Open,High,Low",
               {},
               "%m/%d/%Y"},
    KnownShape{"investing", "Investing.com's historical data",
               "Date,Price,Open,High,Low,Vol.,Change %"},
    KnownShape{"alpha-vantage", "Alpha Vantage with datatype=csv",
               "timestamp,open,high,low,close,volume"},
    KnownShape{"nse-bhavcopy-full",
               "NSE's sec_bhavdata_full",
               "SYMBOL,SERIES,DATE1,PREV_CLOSE,OPEN_PRICE,HIGH_PRICE,LOW_PRICE,LAST_PRICE,CLOSE_"
               "PRICE,AVG_PRICE,TTL_TRD_QNTY,TURNOVER_LACS,NO_OF_TRADES,DELIV_QTY,DELIV_PER",
               {},
               "%d-%b-%Y",
               "DATE1"},
    KnownShape{"nse-bhavcopy",
               "NSE's bhavcopy of equities",
               "SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,"
               "TOTALTRADES,ISIN",
               {},
               "%d-%b-%Y",
               "TIMESTAMP"},
    KnownShape{"kraken-trades", "Kraken's history of trades", "time,price,volume", "enn", "s"},
    KnownShape{"kraken-ohlcvt", "Kraken's history of bars",
               "time,open,high,low,close,volume,trades", "ennnnni", "s"},
    KnownShape{"binance-klines",
               "Binance's public data: klines",
               "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_"
               "volume,taker_buy_quote_volume,ignore",
               "innnnninnnnn",
               {},
               "open_time"},
    KnownShape{"binance-trades",
               "Binance's public data: trades",
               "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match",
               "innnibb",
               {},
               "time"},
    KnownShape{"binance-futures-trades",
               "Binance's public data: trades of futures",
               "id,price,qty,quote_qty,time,is_buyer_maker",
               "innnib",
               {},
               "time"},
    KnownShape{"binance-aggtrades",
               "Binance's public data: aggTrades",
               "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_"
               "maker,is_best_match",
               "inniiibb",
               {},
               "transact_time"},
    KnownShape{
        "binance-futures-aggtrades",
        "Binance's public data: aggTrades of futures",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
        "inniiib",
        {},
        "transact_time"},
    KnownShape{"histdata-bars",
               "HistData's ASCII bars of a minute (their times are UTC-5 all year)",
               "time,open,high,low,close,volume",
               "tnnnni",
               kPackedTime,
               {},
               kEastern},
    KnownShape{"histdata-ticks",
               "HistData's ASCII ticks (their times are UTC-5 all year)",
               "time,bid,ask,volume",
               "tnni",
               "%Y%m%d %H%M%S%f",
               {},
               kEastern},
    KnownShape{"metatrader-4",
               "MetaTrader 4's export of bars",
               "date,time,open,high,low,close,volume",
               "dhnnnnn",
               {},
               "date,time"},
    KnownShape{"metatrader-5",
               "MetaTrader 5's export of bars",
               "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>",
               {},
               {},
               "<DATE>,<TIME>"},
    KnownShape{"lobster-messages",
               "LOBSTER's message file (its times are seconds after midnight)",
               "time,type,order_id,size,price,direction",
               "niiiii",
               {},
               "-"},
    KnownShape{"databento-trades",
               "Databento's CSV of trades",
               "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,"
               "flags,ts_in_delta,sequence,symbol",
               {},
               {},
               "ts_event"},
    KnownShape{"cryptodatadownload",
               "CryptoDataDownload's bars (a line with its address above the names)",
               "unix,date,symbol,open,high,low,close",
               {},
               {},
               "date"},
};

}  // namespace

std::span<const KnownShape> known_shapes() { return kShapes; }

const KnownShape* shape_of_names(const std::vector<std::string>& names) {
  const std::string joined = fmt::format("{}", fmt::join(names, ","));
  for (const KnownShape& shape : kShapes) {
    if (!shape.kinds.empty() || !joined.starts_with(shape.columns)) continue;
    // CryptoDataDownload names the volumes behind those after the coin.
    if (joined.size() == shape.columns.size() || shape.name == "cryptodatadownload") return &shape;
  }
  return nullptr;
}

const KnownShape* shape_of_rows(const std::vector<std::vector<std::string>>& rows) {
  for (const KnownShape& shape : kShapes) {
    if (shape.kinds.empty() || rows.empty()) continue;
    const auto fits = [&](const std::vector<std::string>& row) {
      if (row.size() != shape.kinds.size()) return false;
      for (size_t i = 0; i < row.size(); ++i)
        if (!is_of_kind(shape.kinds[i], base::trimmed(row[i]))) return false;
      return true;
    };
    if (std::ranges::all_of(rows, fits)) return &shape;
  }
  return nullptr;
}

}  // namespace ticklake::feed
