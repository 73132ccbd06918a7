#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticklake::aws {

/// AWS's UriEncode: all but A-Z a-z 0-9 - . _ ~ becomes %XX, in upper case. In a path '/' stays.
std::string percent_encoded(std::string_view text);
std::string percent_encoded_path(std::string_view path);

/// None if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

/// Of a query, decoded; a parameter without '=' has an empty value.
struct QueryParameter {
  std::string name;
  std::string value;

  bool operator==(const QueryParameter&) const = default;
};
using Query = std::vector<QueryParameter>;

/// Most that a request may have.
inline constexpr size_t kQueryParametersMax = 100;

/// The parameters in their order; empty parts (`a&&b`) are left out. A '+' is a space, as S3 takes
/// it. None if one does not decode or there are more than kQueryParametersMax. Whoever serves a
/// request must read its query by this, so that what was signed is what is done.
std::optional<Query> parse_query(std::string_view text);

/// A request target cut at its first '?': the path, and the query without the '?'.
std::pair<std::string_view, std::string_view> split_target(std::string_view target);

}  // namespace ticklake::aws
