#include "lake/json_members.h"

namespace ticklake::lake {

using Json = nlohmann::json;

std::optional<Json> parse_object(std::string_view text, int depth_max) {
  bool is_too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > depth_max) is_too_deep = true;
    return !is_too_deep;
  };
  Json json = Json::parse(text, watch, false);
  if (is_too_deep || !json.is_object()) return std::nullopt;
  return json;
}

const Json* find_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<int64_t> whole_member(const Json& object, const char* name) {
  const Json* const value = find_member(object, name);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) return std::nullopt;
  const auto number = value->get<int64_t>();
  return number < 0 ? std::nullopt : std::optional(number);
}

std::optional<std::string> text_member(const Json& object, const char* name, size_t bytes_max) {
  const Json* const value = find_member(object, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto& text = value->get_ref<const std::string&>();
  return text.size() > bytes_max ? std::nullopt : std::optional(text);
}

}  // namespace ticklake::lake
