#include "http/entity_tag.h"

#include <algorithm>

#include "http/field.h"

namespace ticklake::http {
namespace {

std::string_view without_weakness(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

std::string_view without_quotes(std::string_view tag) {
  const bool is_quoted = tag.size() >= 2 && tag.starts_with('"') && tag.ends_with('"');
  return is_quoted ? tag.substr(1, tag.size() - 2) : tag;
}

}  // namespace

bool matches_strongly(std::string_view list, std::string_view tag) {
  return std::ranges::any_of(split_list(list), [&](std::string_view member) {
    if (member == "*") return true;
    return !member.starts_with("W/") && !tag.starts_with("W/") &&
           without_quotes(member) == without_quotes(tag);
  });
}

bool matches_weakly(std::string_view list, std::string_view tag) {
  return std::ranges::any_of(split_list(list), [&](std::string_view member) {
    return member == "*" ||
           without_quotes(without_weakness(member)) == without_quotes(without_weakness(tag));
  });
}

}  // namespace ticklake::http
