#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ticklake::base {

/// Where `link` leads that was found in what `from` answered: itself, or relative to `from` (RFC
/// 3986, section 5). kInvalidArgument unless that is http or https.
Result<std::string> resolve_url(const std::string& from, const std::string& link);

/// Scheme, host and port, as in "https://api.example.com:443"; two URLs with the same one are
/// served by the same server. Empty if `url` is none.
std::string url_origin(const std::string& url);

/// Scheme, host and path: what may be shown of a URL whose query or user may be secret. Empty if
/// `url` is none.
std::string url_without_query(const std::string& url);

/// `url` with the query's parameter `name` set to `value`, in place of all of that name; without
/// a value it is taken out. `url` as it is, if it is none.
std::string with_query_parameter(const std::string& url, std::string_view name,
                                 const std::optional<std::string>& value);

}  // namespace ticklake::base
