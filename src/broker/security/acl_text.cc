#include "broker/security/acl_text.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace ticklake::broker {
namespace {

constexpr std::string_view kHeader = "acls 1 ";

void append_word(std::string& to, std::string_view name) {
  if (!to.empty() && to.back() != '\n') to += ' ';
  for (const char c : name) {
    const bool is_plain = c > ' ' && c < '\x7f' && c != '%';
    if (is_plain) {
      to += c;
    } else {
      fmt::format_to(std::back_inserter(to), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

std::string_view take_until(std::string_view& text, char end) {
  const size_t size = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return taken;
}

std::optional<std::string> unescaped(std::string_view word) {
  std::string name;
  while (!word.empty()) {
    if (word.front() != '%') {
      name += word.front();
      word.remove_prefix(1);
      continue;
    }
    unsigned byte = 0;
    const std::string_view digits = word.substr(1, 2);
    const auto parsed = std::from_chars(digits.begin(), digits.end(), byte, 16);
    if (digits.size() != 2 || parsed.ptr != digits.end()) return std::nullopt;
    name += static_cast<char>(byte);
    word.remove_prefix(3);
  }
  return name;
}

std::optional<kafka::Acl> parse_line(std::string_view line) {
  kafka::Acl acl;
  acl.resource_type = kafka::parse_resource_type(take_until(line, ' '));
  acl.pattern_type = kafka::parse_pattern_type(take_until(line, ' '));
  for (std::string* const name : {&acl.resource_name, &acl.principal, &acl.host}) {
    const auto word = unescaped(take_until(line, ' '));
    if (!word || word->empty()) return std::nullopt;
    *name = *word;
  }
  acl.operation = kafka::parse_acl_operation(take_until(line, ' '));
  acl.permission = kafka::parse_acl_permission(take_until(line, ' '));
  const bool is_definite = acl.resource_type > kafka::ResourceType::kAny &&
                           acl.pattern_type >= kafka::PatternType::kLiteral &&
                           acl.operation > kafka::AclOperation::kAny &&
                           acl.permission > kafka::AclPermission::kAny;
  if (!is_definite || !line.empty()) return std::nullopt;
  return acl;
}

}  // namespace

std::string acls_as_text(std::span<const kafka::Acl> acls) {
  std::string text = fmt::format("{}{}\n", kHeader, acls.size());
  for (const kafka::Acl& acl : acls) {
    append_word(text, name_of(acl.resource_type));
    append_word(text, name_of(acl.pattern_type));
    append_word(text, acl.resource_name);
    append_word(text, acl.principal);
    append_word(text, acl.host);
    append_word(text, name_of(acl.operation));
    append_word(text, name_of(acl.permission));
    text += '\n';
  }
  return text;
}

base::Result<std::vector<kafka::Acl>> parse_acls(std::string_view text) {
  size_t count = 0;
  const std::string_view header = take_until(text, '\n');
  const std::string_view number =
      header.starts_with(kHeader) ? header.substr(kHeader.size()) : std::string_view();
  const auto parsed = std::from_chars(number.begin(), number.end(), count);
  if (number.empty() || parsed.ptr != number.end()) {
    return base::fail(base::ErrorCode::kCorrupt, "line 1 is not 'acls 1 COUNT'");
  }
  std::vector<kafka::Acl> acls;
  while (!text.empty()) {
    auto acl = parse_line(take_until(text, '\n'));
    if (!acl) {
      return base::fail(base::ErrorCode::kCorrupt,
                        fmt::format("line {} is no ACL", acls.size() + 2));
    }
    acls.push_back(std::move(*acl));
  }
  if (acls.size() == count) return acls;
  return base::fail(base::ErrorCode::kCorrupt,
                    fmt::format("it has {} ACLs and should have {}", acls.size(), count));
}

}  // namespace ticklake::broker
