#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "market/table_spec.h"
#include "market/types.h"

namespace ticklake::market {

/// Room that one trade needs at most.
inline constexpr size_t kTradeJsonBytesMax = 192;

/// Writes one JSON object, with no space or line end, and gives its end:
/// {"symbol":"AAPL","price":189.12,"size":100,"venue":"Q","seq":12345,
///  "event_time":"2026-11-24T00:15:03.123456Z"}
/// Prices have two to four decimals, so that a reader never takes the column for whole numbers;
/// what is absent is null. `to` has room for kTradeJsonBytesMax.
char* write_json(char* to, const Trade& trade);
std::string to_json(const Trade& trade);

/// What a table of such objects is declared as.
TableSpec trades_spec();

/// Reads exactly what write_json() writes; none for anything else. For going on after a restart.
std::optional<Trade> parse_trade_json(std::string_view json);

}  // namespace ticklake::market
