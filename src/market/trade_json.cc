#include "market/trade_json.h"

#include <array>
#include <charconv>
#include <cstring>

#include "market/time_text.h"

namespace ticklake::market {
namespace {

constexpr int kTimeFractionDigits = 6;

char* write_text(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

template <typename T>
char* write_number(char* to, T value) {
  constexpr ptrdiff_t kDigitsMax = 20;
  return std::to_chars(to, to + kDigitsMax, value).ptr;
}

char* write_price(char* to, Price price) {
  auto units = static_cast<uint64_t>(price.units());
  if (price.units() < 0) {
    *to++ = '-';
    units = ~units + 1;
  }
  to = write_number(to, units / Price::kUnitsPerOne);
  const uint64_t fraction = units % Price::kUnitsPerOne;
  *to++ = '.';
  *to++ = static_cast<char>('0' + fraction / 1000);
  *to++ = static_cast<char>('0' + fraction / 100 % 10);
  if (fraction % 100 != 0) {
    *to++ = static_cast<char>('0' + fraction / 10 % 10);
    if (fraction % 10 != 0) *to++ = static_cast<char>('0' + fraction % 10);
  }
  return to;
}

/// Takes `expected` off the front of `text`.
bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

/// Takes what stands before the next `end`, and `end`.
std::string_view take_until(std::string_view& text, char end) {
  const size_t at = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

template <typename T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

char* write_json(char* to, const Trade& trade) {
  to = write_text(to, R"({"symbol":")");
  to = write_text(to, trade.symbol.text());
  to = write_text(to, R"(","price":)");
  to = trade.price ? write_price(to, *trade.price) : write_text(to, "null");
  to = write_text(to, R"(,"size":)");
  to = trade.size ? write_number(to, *trade.size) : write_text(to, "null");
  if (trade.venue != '\0') {
    to = write_text(to, R"(,"venue":")");
    *to++ = trade.venue;
    to = write_text(to, R"(","seq":)");
  } else {
    to = write_text(to, R"(,"venue":null,"seq":)");
  }
  to = write_number(to, trade.seq);
  to = write_text(to, R"(,"event_time":")");
  to = write_rfc3339(to, trade.event_time, kTimeFractionDigits);
  return write_text(to, R"("})");
}

std::string to_json(const Trade& trade) {
  std::array<char, kTradeJsonBytesMax> text;
  return {text.data(), write_json(text.data(), trade)};
}

TableSpec trades_spec() {
  return {.columns = {{"symbol", ColumnType::kVarchar},
                      {"price", ColumnType::decimal(18, 4)},
                      {"size", ColumnType::kBigint},
                      {"venue", ColumnType::kVarchar},
                      {"seq", ColumnType::kBigint},
                      {"event_time", ColumnType::kTimestamp}},
          .event_time = "event_time",
          .symbol = "symbol"};
}

std::optional<Trade> parse_trade_json(std::string_view json) {
  Trade trade;
  if (!take(json, R"({"symbol":")")) return std::nullopt;
  const auto symbol = Symbol::parse(take_until(json, '"'));
  if (!symbol || !take(json, R"(,"price":)")) return std::nullopt;
  trade.symbol = *symbol;
  if (const std::string_view price = take_until(json, ','); price != "null") {
    trade.price = Price::parse(price);
    if (!trade.price) return std::nullopt;
  }
  if (!take(json, R"("size":)")) return std::nullopt;
  if (const std::string_view size = take_until(json, ','); size != "null") {
    if (!parse_number(size, trade.size.emplace())) return std::nullopt;
  }
  if (!take(json, R"("venue":)")) return std::nullopt;
  const std::string_view venue = take_until(json, ',');
  if (venue.size() == 3 && venue[0] == '"' && venue[2] == '"') {
    trade.venue = venue[1];
  } else if (venue != "null") {
    return std::nullopt;
  }
  if (!take(json, R"("seq":)") || !parse_number(take_until(json, ','), trade.seq) ||
      !take(json, R"("event_time":")")) {
    return std::nullopt;
  }
  const auto time = parse_rfc3339(take_until(json, '"'));
  if (!time || json != "}") return std::nullopt;
  trade.event_time = *time;
  return trade;
}

}  // namespace ticklake::market
