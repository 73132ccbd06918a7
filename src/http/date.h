#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace ticklake::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT", as Date, Last-Modified and Expires have it (RFC 9110, 5.6.7).
/// A fraction of a second is dropped.
std::string format_date(base::WallTime time);

/// A date in any of the three forms that RFC 9110 wants to be read (that of format_date(), that of
/// RFC 850, that of asctime()). A year of two digits is the nearest one that is not more than 50
/// years after `now`.
std::optional<base::WallTime> parse_date(std::string_view text, base::WallTime now);

}  // namespace ticklake::http
