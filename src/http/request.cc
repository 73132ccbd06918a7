#include "http/request.h"

#include <algorithm>

namespace ticklake::http {

std::string_view Request::field(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equal_without_case(field.name, name)) return field.value;
  }
  return {};
}

bool Request::has_field(std::string_view name) const {
  return std::ranges::any_of(
      fields_, [&](const Field& field) { return equal_without_case(field.name, name); });
}

std::string Request::joined_field(std::string_view name) const {
  std::string joined;
  bool is_first = true;
  for (const Field& field : fields_) {
    if (!equal_without_case(field.name, name)) continue;
    if (!is_first) joined += ", ";
    joined += field.value;
    is_first = false;
  }
  return joined;
}

std::string_view Request::parameter(std::string_view name) const {
  const auto found =
      std::ranges::find(parameters_, name, &decltype(parameters_)::value_type::first);
  return found == parameters_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace ticklake::http
