#include "lake/object_key.h"

#include <algorithm>

#include "aws/percent_encoding.h"
#include "base/utf8.h"

namespace ticklake::lake {
namespace {

constexpr size_t kNameBytesMax = 255;  // of Linux's file systems
constexpr size_t kEncodedNameBytesMax = 200;
constexpr char kFolderMark = '+';
constexpr char kFileMark = '=';
constexpr std::string_view kPatternCharacters = "*?[\\";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_address(std::string_view name) {
  return std::ranges::count(name, '.') == 3 &&
         std::ranges::all_of(name, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

bool is_plain_name(std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.size() > kNameBytesMax) return false;
  return std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
           kPatternCharacters.find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  const bool has_only_known = std::ranges::all_of(
      name, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
  return has_only_known && is_lower_or_digit(name.front()) && is_lower_or_digit(name.back()) &&
         name.find("..") == std::string_view::npos && !looks_like_address(name);
}

bool is_object_key(std::string_view key) {
  if (key.empty() || key.size() > kObjectKeyBytesMax) return false;
  while (!key.empty()) {
    const size_t size = base::first_utf8_character(key).bytes;
    if (size == 0 || key.front() == '\0') return false;
    key.remove_prefix(size);
  }
  return true;
}

std::optional<base::Path> plain_path(std::string_view key) {
  if (!is_object_key(key)) return std::nullopt;
  for (size_t start = 0; start <= key.size();) {
    const size_t end = std::min(key.find('/', start), key.size());
    if (!is_plain_name(key.substr(start, end - start))) return std::nullopt;
    start = end + 1;
  }
  return base::Path(key);
}

base::Path encoded_path(std::string_view key) {
  const std::string encoded = aws::percent_encoded(key);
  std::string path;
  for (size_t start = 0; start < encoded.size(); start += kEncodedNameBytesMax) {
    path += encoded.substr(start, kEncodedNameBytesMax);
    const bool is_last = start + kEncodedNameBytesMax >= encoded.size();
    path += is_last ? kFileMark : kFolderMark;
    if (!is_last) path += '/';
  }
  return path;
}

std::optional<std::string> decode_path(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    if (c != '/' && c != kFolderMark && c != kFileMark) encoded += c;
  }
  auto key = aws::percent_decoded(encoded);
  if (!key || !is_object_key(*key) || encoded_path(*key) != path) return std::nullopt;
  return key;
}

}  // namespace ticklake::lake
