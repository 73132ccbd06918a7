#include "http/percent.h"

#include <algorithm>

namespace ticklake::http {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      bytes += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      bytes += text[i] == '+' && plus == Plus::kIsBlank ? ' ' : text[i];
    }
  }
  return bytes;
}

std::string percent_encode(std::string_view bytes, bool keeps_slash) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 4);
  for (const char c : bytes) {
    if (is_unreserved(c) || (keeps_slash && c == '/')) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += '%';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::vector<QueryItem> split_query(std::string_view query) {
  std::vector<QueryItem> items;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) continue;
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      items.push_back({item, {}, false});
    } else {
      items.push_back({item.substr(0, equals), item.substr(equals + 1), true});
    }
  }
  return items;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  for (const QueryItem& item : split_query(query)) {
    if (percent_decode(item.name, Plus::kIsBlank) != name) continue;
    return percent_decode(item.value, Plus::kIsBlank);
  }
  return std::nullopt;
}

}  // namespace ticklake::http
