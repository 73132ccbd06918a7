#include "base/java_properties.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace ticklake::base {
namespace {

constexpr size_t kHexDigits = 4;
constexpr uint32_t kReplacement = 0xfffd;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// Takes natural lines off a text: "\n", "\r" and "\r\n" end one.
class NaturalLines {
 public:
  explicit NaturalLines(std::string_view text) : rest_(text) {}

  bool is_done() const { return rest_.empty(); }
  size_t number() const { return number_; }  ///< of the line that next() gave last
  /// Without its end and the blanks before it.
  std::string_view next() {
    ++number_;
    size_t end = 0;
    while (end < rest_.size() && !is_line_end(rest_[end]))
      ++end;
    std::string_view line = rest_.substr(0, end);
    const bool is_pair = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(end + (is_pair ? 2 : 1), rest_.size()));
    while (!line.empty() && is_blank(line.front()))
      line.remove_prefix(1);
    return line;
  }

 private:
  std::string_view rest_;
  size_t number_ = 0;
};

/// Whether a backslash that is not itself escaped stands at its end.
bool goes_on(std::string_view line) {
  size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\')
    ++backslashes;
  return backslashes % 2 == 1;
}

/// The next logical line that is neither blank nor a comment; empty at the end of the text.
std::string next_logical_line(NaturalLines& lines, size_t& first_number) {
  std::string logical;
  while (!lines.is_done()) {
    std::string_view line = lines.next();
    if (logical.empty()) {
      if (line.empty() || line.front() == '#' || line.front() == '!') continue;
      first_number = lines.number();
    }
    const bool has_more = goes_on(line);
    if (has_more) line.remove_suffix(1);
    logical += line;
    if (!has_more && !logical.empty()) break;
  }
  return logical;
}

void append_utf8(std::string& to, uint32_t code_point) {
  const auto put = [&to](uint32_t byte) { to += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3f));
    put(0x80 | ((code_point >> 6) & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

/// Of the digits behind a \u.
std::optional<uint32_t> parse_hex(std::string_view text) {
  uint32_t unit = 0;
  if (text.size() < kHexDigits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + kHexDigits, unit, 16);
  if (error != std::errc() || end != text.data() + kHexDigits) return std::nullopt;
  return unit;
}

/// The code point of the \uXXXX at the front of `text`, which is taken off; two such may be one
/// (surrogates). None if it has not four digits.
std::optional<uint32_t> take_unicode_escape(std::string_view& text) {
  const auto first = parse_hex(text.substr(2));
  if (!first) return std::nullopt;
  text.remove_prefix(2 + kHexDigits);
  if (*first < 0xd800 || *first > 0xdfff) return first;
  const auto second = text.starts_with("\\u") ? parse_hex(text.substr(2)) : std::nullopt;
  const bool is_pair = *first < 0xdc00 && second && *second >= 0xdc00 && *second <= 0xdfff;
  if (!is_pair) return kReplacement;
  text.remove_prefix(2 + kHexDigits);
  return 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00);
}

/// None if a \u has not four digits.
std::optional<std::string> unescaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    if (text.starts_with("\\u")) {
      const auto code_point = take_unicode_escape(text);
      if (!code_point) return std::nullopt;
      append_utf8(result, *code_point);
      continue;
    }
    const bool is_escape = text.size() > 1 && text.front() == '\\';
    if (is_escape) text.remove_prefix(1);
    const char c = text.front();
    text.remove_prefix(1);
    switch (is_escape ? c : '\0') {
      case 't': result += '\t'; break;
      case 'n': result += '\n'; break;
      case 'r': result += '\r'; break;
      case 'f': result += '\f'; break;
      default: append_utf8(result, static_cast<unsigned char>(c));
    }
  }
  return result;
}

/// Where the name ends: at the first '=', ':' or blank that no backslash escapes.
size_t end_of_name(std::string_view line) {
  size_t end = 0;
  while (end < line.size() && line[end] != '=' && line[end] != ':' && !is_blank(line[end]))
    end += line[end] == '\\' ? 2 : 1;
  return std::min(end, line.size());
}

/// What stands behind the blanks and the one sign that part it from the name.
std::string_view value_in(std::string_view behind_name) {
  bool has_sign = false;
  while (!behind_name.empty()) {
    const char c = behind_name.front();
    const bool is_sign = !has_sign && (c == '=' || c == ':');
    if (!is_sign && !is_blank(c)) break;
    has_sign = has_sign || is_sign;
    behind_name.remove_prefix(1);
  }
  return behind_name;
}

}  // namespace

Result<std::vector<JavaProperty>> parse_java_properties(std::string_view text) {
  std::vector<JavaProperty> properties;
  NaturalLines lines(text);
  while (true) {
    size_t number = 0;
    const std::string line = next_logical_line(lines, number);
    if (line.empty()) return properties;
    const size_t end = end_of_name(line);
    auto name = unescaped(std::string_view(line).substr(0, end));
    auto value = unescaped(value_in(std::string_view(line).substr(end)));
    if (!name || !value) {
      return fail(ErrorCode::kInvalidData, "line " + std::to_string(number) + " does not read",
                  "a \\u without four hexadecimal digits behind it",
                  "write a backslash that stands for itself as \\\\");
    }
    properties.push_back({std::move(*name), std::move(*value), number});
  }
}

}  // namespace ticklake::base
