#include "base/assert.h"
#include "feed/time_format.h"
#include "market/time_text.h"
#include "market/trade_json.h"

using namespace ticklake;

/// A time that is read is written and read again as the same; formats never fail on a value.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = market::parse_rfc3339(text))
    TICKLAKE_ASSERT(market::parse_rfc3339(market::to_rfc3339(*time, 9)) == time);
  if (const auto trade = market::parse_trade_json(text))
    TICKLAKE_ASSERT(market::parse_trade_json(market::to_json(*trade)).has_value());
  const size_t split = text.find('\n');
  if (const auto format = feed::TimeFormat::parse(text.substr(0, split));
      format && split != std::string_view::npos) {
    static_cast<void>(format->read(text.substr(split + 1)));
  }
  feed::TimeFormatDetector detector("Date");
  detector.show(text, 1);
  static_cast<void>(detector.decide());
  return 0;
}
