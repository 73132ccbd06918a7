#include "http/exchange.h"

#include <algorithm>

namespace ticklake::http {
namespace {

/// Set aside at once for a body that says its length; a longer one grows as it comes.
constexpr uint64_t kReservedBytesMax = 1024 * 1024;

}  // namespace

Task<base::Result<std::string>> Exchange::read_whole_body() {
  std::string body;
  body.reserve(std::min(request().content_length().value_or(0), kReservedBytesMax));
  while (true) {
    TICKLAKE_CO_ASSIGN(const base::ByteView piece, co_await read_body());
    if (piece.empty()) break;
    body += base::as_text(piece);
  }
  co_return body;
}

Task<bool> Exchange::sleep(std::chrono::milliseconds duration) {
  return sleep(duration, std::stop_token());
}

}  // namespace ticklake::http
