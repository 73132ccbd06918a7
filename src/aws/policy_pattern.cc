#include "aws/policy_pattern.h"

#include <algorithm>
#include <utility>

#include "aws/request_view.h"
#include "base/trim.h"
#include "base/utf8.h"

namespace ticklake::aws {
namespace {

constexpr char16_t kAnyText = 0x100;
constexpr char16_t kAnyCharacter = 0x101;
constexpr size_t kArnParts = 6;

/// Behind the character of UTF-8 that begins at `at`.
size_t after_character(std::string_view text, size_t at) {
  do {
    ++at;
  } while (at < text.size() && base::continues_utf8(text[at]));
  return at;
}

/// Goes back to the last `*` only, which is enough: what an earlier one could take, it can too.
bool matches_codes(std::u16string_view pattern, std::string_view text) {
  size_t at = 0;
  size_t read = 0;
  size_t star = std::u16string_view::npos;
  size_t star_read = 0;
  while (read < text.size()) {
    const auto byte = static_cast<char16_t>(static_cast<unsigned char>(text[read]));
    if (at < pattern.size() && pattern[at] == byte) {
      ++at;
      ++read;
    } else if (at < pattern.size() && pattern[at] == kAnyCharacter) {
      ++at;
      read = after_character(text, read);
    } else if (at < pattern.size() && pattern[at] == kAnyText) {
      star = at++;
      star_read = read;
    } else if (star != std::u16string_view::npos) {
      at = star + 1;
      read = ++star_read;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == kAnyText)
    ++at;
  return at == pattern.size();
}

/// Cut at ':' into at most six parts; the last one keeps the rest.
template <typename View>
std::vector<View> arn_parts(View text) {
  std::vector<View> parts;
  while (parts.size() + 1 < kArnParts) {
    const size_t end = text.find(':');
    if (end == View::npos) break;
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::string_view trimmed(std::string_view text) { return base::trimmed(text, " "); }

}  // namespace

void PolicyPattern::append(Codes& codes, std::string_view text) {
  for (const char c : text)
    codes += static_cast<Code>(static_cast<unsigned char>(c));
}

tl::expected<PolicyPattern, std::string> PolicyPattern::parse(std::string_view text,
                                                              Syntax syntax) {
  PolicyPattern pattern;
  pattern.ignores_case_ = syntax.ignores_case;
  const std::string lowered = syntax.ignores_case ? lower_case(text) : std::string();
  if (syntax.ignores_case) text = lowered;
  Codes codes;
  while (!text.empty()) {
    if (!syntax.has_variables || !text.starts_with("${")) {
      const char c = text.front();
      if (syntax.has_wildcards && (c == '*' || c == '?')) {
        codes += c == '*' ? kAnyText : kAnyCharacter;
      } else {
        append(codes, text.substr(0, 1));
      }
      text.remove_prefix(1);
      continue;
    }
    const size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return tl::unexpected<std::string>("a variable has no closing brace");
    }
    const std::string_view inside = text.substr(2, end - 2);
    text.remove_prefix(end + 1);
    if (inside == "*" || inside == "?" || inside == "$") {
      append(codes, inside);
      continue;
    }
    const size_t comma = std::min(inside.find(','), inside.size());
    const auto key = find_condition_key(trimmed(inside.substr(0, comma)));
    if (!key) return tl::unexpected("the variable ${" + std::string(inside) + "} is not supported");
    Variable variable{*key, std::nullopt};
    if (comma < inside.size()) {
      const std::string_view quoted = trimmed(inside.substr(comma + 1));
      if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'') {
        return tl::unexpected("the default of ${" + std::string(inside) +
                              "} does not stand in single quotes");
      }
      variable.default_value = quoted.substr(1, quoted.size() - 2);
    }
    if (!codes.empty()) pattern.parts_.emplace_back(std::exchange(codes, {}));
    pattern.parts_.emplace_back(std::move(variable));
  }
  if (!codes.empty() || pattern.parts_.empty()) pattern.parts_.emplace_back(std::move(codes));
  return pattern;
}

std::optional<PolicyPattern::Codes> PolicyPattern::codes_for(const PolicyRequest& request) const {
  Codes codes;
  for (const Part& part : parts_) {
    if (const auto* const fixed = std::get_if<Codes>(&part)) {
      codes += *fixed;
      continue;
    }
    const auto& variable = std::get<Variable>(part);
    auto value = value_of(variable.key, request);
    if (!value) value = variable.default_value;
    if (!value) return std::nullopt;
    append(codes, ignores_case_ ? lower_case(*value) : *value);
  }
  return codes;
}

std::optional<bool> PolicyPattern::matches(std::string_view text,
                                           const PolicyRequest& request) const {
  const std::string lowered = ignores_case_ ? lower_case(text) : std::string();
  if (ignores_case_) text = lowered;
  if (parts_.size() == 1 && std::holds_alternative<Codes>(parts_.front())) {
    return matches_codes(std::get<Codes>(parts_.front()), text);
  }
  const auto codes = codes_for(request);
  if (!codes) return std::nullopt;
  return matches_codes(*codes, text);
}

std::optional<bool> PolicyPattern::matches_arn(std::string_view text,
                                               const PolicyRequest& request) const {
  const auto codes = codes_for(request);
  if (!codes) return std::nullopt;
  const auto patterns = arn_parts(std::u16string_view(*codes));
  const auto parts = arn_parts(text);
  if (patterns.size() != kArnParts || parts.size() != kArnParts) return false;
  for (size_t i = 0; i < kArnParts; ++i) {
    if (!matches_codes(patterns[i], parts[i])) return false;
  }
  return true;
}

}  // namespace ticklake::aws
