#include "feed/json_path.h"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "base/trim.h"
#include "feed/json_rows.h"

namespace ticklake::feed {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

size_t skip_blanks(std::string_view text, size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

/// One past the string that begins at `at`.
size_t string_end(std::string_view text, size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

/// One past the value that begins at `at`.
size_t value_end(std::string_view text, size_t at) {
  if (text[at] == '"') return string_end(text, at);
  if (text[at] != '{' && text[at] != '[')
    return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
  size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) break;
  }
  return at;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

tl::unexpected<base::Error> bad_path(std::string_view text, size_t at, std::string_view why) {
  return base::fail(base::ErrorCode::kInvalidArgument, fmt::format("'{}' is no path", text),
                    fmt::format("at '{}': {}", text.substr(std::min(at, text.size())), why),
                    "write it as in .data['a name'][0].rows[*]");
}

/// The name in quotes whose first quote stands at `at`, which moves behind the last; none if they
/// are not closed. A backslash takes the next character as it is.
std::optional<std::string> quoted_name(std::string_view text, size_t& at) {
  const char quote = text[at++];
  std::string name;
  while (at < text.size() && text[at] != quote) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    name += text[at++];
  }
  if (at >= text.size()) return std::nullopt;
  ++at;
  return name;
}

}  // namespace

bool is_json(std::string_view text) {
  // The parser of the library keeps one bit a level; what deep values cost comes later.
  if (!nlohmann::json::accept(text.begin(), text.end()) || text.starts_with("\xEF\xBB\xBF"))
    return false;
  size_t depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') at = string_end(text, at) - 1;
    if ((c == '{' || c == '[') && ++depth > kJsonDepthMax) return false;
    if (c == '}' || c == ']') --depth;
  }
  return true;
}

void for_each_child(std::string_view json, const std::function<void(const JsonMatch&)>& take) {
  if (json.empty() || (json[0] != '{' && json[0] != '[')) return;
  const bool has_names = json[0] == '{';
  for (size_t at = skip_blanks(json, 1); at < json.size() && json[at] != '}' && json[at] != ']';) {
    JsonMatch child;
    if (has_names) {
      const size_t end = string_end(json, at);
      child.name = json.substr(at, end - at);
      at = skip_blanks(json, skip_blanks(json, end) + 1);  // behind the colon
    }
    if (at >= json.size()) return;
    const size_t end = value_end(json, at);
    child.value = json.substr(at, end - at);
    take(child);
    at = skip_blanks(json, end);
    if (at < json.size() && json[at] == ',') at = skip_blanks(json, at + 1);
  }
}

std::string json_text(std::string_view value) {
  if (!value.starts_with('"')) return std::string(value);
  if (value.find('\\') == std::string_view::npos)
    return std::string(value.substr(1, value.size() - 2));
  const auto parsed = nlohmann::json::parse(value.begin(), value.end(), nullptr, false);
  TICKLAKE_ASSERT(parsed.is_string());
  return parsed.get_ref<const std::string&>();
}

void append_on_one_line(std::string& out, std::string_view json) {
  for (size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      const size_t end = string_end(json, at);
      out += json.substr(at, end - at);
      at = end;
      continue;
    }
    if (kBlanks.find(json[at]) == std::string_view::npos) out += json[at];
    ++at;
  }
}

base::Result<JsonPath> JsonPath::parse(std::string_view text) {
  JsonPath path;
  for (size_t at = 0; at < text.size();) {
    if (path.steps_.size() >= kStepsMax) return bad_path(text, at, "it has too many steps");
    Step step;
    if (text[at] == '.' && at + 1 < text.size() && text[at + 1] == '*') {
      at += 2;
    } else if (text[at] == '.') {
      size_t end = at + 1;
      while (end < text.size() && is_name_character(text[end]))
        ++end;
      if (end == at + 1) return bad_path(text, at, "a name is missing; others go into ['…']");
      step.kind = Step::Kind::kName;
      step.name = text.substr(at + 1, end - at - 1);
      at = end;
    } else if (text[at] == '[') {
      const size_t begin = at++;
      if (at < text.size() && text[at] == '*') {
        ++at;
      } else if (at < text.size() && (text[at] == '\'' || text[at] == '"')) {
        auto name = quoted_name(text, at);
        if (!name) return bad_path(text, begin, "the quote is not closed");
        step.kind = Step::Kind::kName;
        step.name = std::move(*name);
      } else {
        step.kind = Step::Kind::kIndex;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + at, end, step.index);
        if (error != std::errc{})
          return bad_path(text, begin, "expected a number, *, or a name in quotes");
        at = static_cast<size_t>(stop - text.data());
      }
      if (at >= text.size() || text[at] != ']') return bad_path(text, begin, "']' is missing");
      ++at;
    } else {
      return bad_path(text, at, "expected '.' or '['");
    }
    path.steps_.push_back(std::move(step));
  }
  return path;
}

bool JsonPath::has_wildcard() const {
  for (const Step& step : steps_) {
    if (step.kind == Step::Kind::kAll) return true;
  }
  return false;
}

void JsonPath::find_from(size_t step, JsonMatch at, size_t count_max,
                         std::vector<JsonMatch>& found) const {
  if (found.size() >= count_max) return;
  if (step == steps_.size()) return found.push_back(at);
  const Step& wanted = steps_[step];
  if (wanted.kind == Step::Kind::kAll) {
    return for_each_child(
        at.value, [&](const JsonMatch& child) { find_from(step + 1, child, count_max, found); });
  }
  std::optional<JsonMatch> match;
  if (wanted.kind == Step::Kind::kName && at.value.starts_with('{')) {
    for_each_child(at.value, [&](const JsonMatch& child) {
      const std::string_view bare = child.name.substr(1, child.name.size() - 2);
      if (bare == wanted.name ||
          (bare.find('\\') != std::string_view::npos && json_text(child.name) == wanted.name))
        match = child;
    });
  }
  if (wanted.kind == Step::Kind::kIndex && at.value.starts_with('[')) {
    int64_t index = wanted.index;
    if (index < 0) for_each_child(at.value, [&](const JsonMatch&) { ++index; });
    int64_t number = 0;
    if (index < 0) return;
    for_each_child(at.value, [&](const JsonMatch& child) {
      if (number++ == index) match = child;
    });
  }
  if (match) find_from(step + 1, *match, count_max, found);
}

std::vector<JsonMatch> JsonPath::find(std::string_view json, size_t count_max) const {
  std::vector<JsonMatch> found;
  find_from(0, {.value = base::trimmed(json, kBlanks), .name = {}}, count_max, found);
  return found;
}

std::optional<std::string_view> JsonPath::find_first(std::string_view json) const {
  const std::vector<JsonMatch> found = find(json, 1);
  if (found.empty()) return std::nullopt;
  return found[0].value;
}

namespace {

void add_array_paths(std::string_view value, const std::string& path, size_t count_max,
                     std::vector<std::string>& paths) {
  if (paths.size() >= count_max) return;
  if (value.starts_with('[')) return paths.push_back(path);
  for_each_child(value, [&](const JsonMatch& child) {
    const std::string name = json_text(child.name);
    bool is_plain = !name.empty();
    std::string quoted;
    for (const char c : name) {
      is_plain &= is_name_character(c);
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    add_array_paths(child.value, is_plain ? path + "." + name : path + "['" + quoted + "']",
                    count_max, paths);
  });
}

}  // namespace

std::vector<std::string> array_paths(std::string_view json, size_t count_max) {
  std::vector<std::string> paths;
  add_array_paths(base::trimmed(json, kBlanks), "$", count_max, paths);
  return paths;
}

}  // namespace ticklake::feed
