#include "http/field.h"

#include <algorithm>

#include "base/trim.h"

namespace ticklake::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

using base::trimmed;

/// Where the member of a list that begins at `from` ends: at a comma or at the end.
size_t end_of_member(std::string_view list, size_t from) {
  bool is_quoted = false;
  for (size_t i = from; i < list.size(); ++i) {
    if (list[i] == '"') is_quoted = !is_quoted;
    if (is_quoted && list[i] == '\\') ++i;
    if (!is_quoted && i < list.size() && list[i] == ',') return i;
  }
  return list.size();
}

/// "gzip;q=0", "gzip; q=0.000": not wanted.
bool is_forbidden(std::string_view parameters) {
  const size_t equals = parameters.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view weight = trimmed(parameters.substr(equals + 1));
  return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> members;
  for (size_t from = 0; from < list.size();) {
    const size_t end = end_of_member(list, from);
    const std::string_view member = trimmed(list.substr(from, end - from));
    if (!member.empty()) members.push_back(member);
    from = end + 1;
  }
  return members;
}

bool has_token(std::string_view list, std::string_view token) {
  return std::ranges::any_of(
      split_list(list), [&](std::string_view member) { return equal_without_case(member, token); });
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  bool accepts_any = false;
  for (const std::string_view member : split_list(accept_encoding)) {
    const size_t semicolon = std::min(member.find(';'), member.size());
    const std::string_view name = trimmed(member.substr(0, semicolon));
    const bool is_wanted = !is_forbidden(member.substr(semicolon));
    if (equal_without_case(name, coding)) return is_wanted;
    if (name == "*") accepts_any = is_wanted;
  }
  return accepts_any;
}

void FieldList::add(std::string_view name, std::string_view value) {
  text_.reserve(text_.size() + name.size() + value.size() + 4);
  text_.append(name).append(": ");
  const size_t from = text_.size();
  text_.append(value);
  std::replace_if(
      text_.begin() + static_cast<std::ptrdiff_t>(from), text_.end(),
      [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; }, ' ');
  text_.append("\r\n");
}

std::optional<std::string_view> FieldList::find(std::string_view name) const {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        equal_without_case(line.substr(0, name.size()), name)) {
      return line.substr(name.size() + 2);
    }
    rest.remove_prefix(end + 2);
  }
  return std::nullopt;
}

}  // namespace ticklake::http
