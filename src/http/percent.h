#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::http {

/// What a '+' stands for: in a path (RFC 3986) itself; in a query, as forms write it, a blank.
enum class Plus : uint8_t { kIsPlus, kIsBlank };

/// The bytes that a text with %XX stands for; none if a '%' has no two hexadecimal digits after it.
std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::kIsPlus);

/// %XX, in upper case, for all but the unreserved characters of RFC 3986 (letters, digits, "-._~").
/// With `keeps_slash` also '/' stays, as in the path of S3's signatures.
std::string percent_encode(std::string_view bytes, bool keeps_slash = false);

/// One item of a query, as it was received.
struct QueryItem {
  std::string_view name;
  std::string_view value;   ///< empty without an '='
  bool has_equals = false;  ///< "uploads=" has one, "uploads" does not
};

/// The items of a query (without its '?'), in order, with repeats; empty ones ("&&") are left out.
std::vector<QueryItem> split_query(std::string_view query);

/// The decoded value of the first item of that (decoded) name; none if there is no such item or its
/// value does not decode.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace ticklake::http
