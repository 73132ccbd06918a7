#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aws/service_error.h"

namespace ticklake::aws {

/// One line of a request's head: the name in any case, the value as it came.
struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// What a signature covers besides the body: the head of a request exactly as it was received (or
/// will be sent). Owns nothing.
struct RequestView {
  std::string_view method;  ///< in upper case
  std::string_view target;  ///< path and query, percent-encoded, as in the request line
  std::span<const HeaderField> headers;
};

/// ASCII letters only.
std::string lower_case(std::string_view text);
bool is_same_ignoring_case(std::string_view one, std::string_view other);

/// The value of the header with this lower-case name; none if it is not there. kInvalidArgument if
/// it is there twice, since a signature and a handler could then mean different ones.
Answer<std::optional<std::string_view>> single_header(const RequestView& request,
                                                      std::string_view name);

}  // namespace ticklake::aws
