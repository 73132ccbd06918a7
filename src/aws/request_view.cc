#include "aws/request_view.h"

#include <algorithm>

namespace ticklake::aws {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool is_same_ignoring_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

Answer<std::optional<std::string_view>> single_header(const RequestView& request,
                                                      std::string_view name) {
  std::optional<std::string_view> value;
  for (const HeaderField& field : request.headers) {
    if (!is_same_ignoring_case(field.name, name)) continue;
    if (value) {
      return refuse(ErrorKind::kInvalidArgument,
                    "The request has more than one header " + std::string(name) + ".");
    }
    value = field.value;
  }
  return value;
}

}  // namespace ticklake::aws
