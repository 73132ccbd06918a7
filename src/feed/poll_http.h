#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/random.h"
#include "base/result.h"

namespace ticklake::feed {

// What a poller knows of HTTP: its secrets, what an answer's status means, when to ask again.

/// The secrets of a header file: what is sent along, and is never shown.
struct PollSecrets {
  std::vector<std::string> headers = {};                             ///< "Name: value"
  std::vector<std::pair<std::string, std::string>> parameters = {};  ///< of the query

  /// `text` with "***" in place of every secret.
  std::string without_secrets(std::string text) const;
};

/// Reads lines of "Name: value" (a header) and "?name: value" (a parameter of the query). Blank
/// lines and those that begin with # are passed over. kInvalidArgument names the line's number and
/// never what stands in it.
base::Result<PollSecrets> parse_poll_secrets(std::string_view text, const std::string& file);

enum class Verdict : uint8_t {
  kRows,       ///< the body is the answer
  kUnchanged,  ///< what was there the last time
  kAgain,      ///< passes by itself
  kRefused,    ///< the same request will be refused again
};
/// RFC 9110, section 15: 408, 429 and 5xx pass.
Verdict judge(int status);

/// The address with rel=next of a Link header (RFC 8288); several headers with commas between.
std::optional<std::string> next_link(std::string_view header);

inline constexpr std::chrono::seconds kRetryAfterMax{24 * 3600};

/// How long the answer asks to wait (RFC 9110, section 10.2.3), at most kRetryAfterMax. A date is
/// counted from the answer's own, by the same clock, and only without that from `now`.
std::optional<std::chrono::nanoseconds> retry_after(const base::HttpResponse& response,
                                                    base::WallTime now);

/// How long to wait after `failures` in a row: half a second, doubled with each up to `longest`,
/// and of that a random part, the half at least.
std::chrono::nanoseconds back_off(uint64_t failures, std::chrono::nanoseconds longest,
                                  base::Random& random);

}  // namespace ticklake::feed
