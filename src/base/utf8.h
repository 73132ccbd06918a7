#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ticklake::base {

/// A character of UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
struct Utf8Character {
  uint32_t code_point = 0;
  size_t bytes = 0;  ///< 1 to 4; 0 if there is none
};

/// Whether a byte is not the first one of its character.
constexpr bool continues_utf8(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The one at the front of `text`, which is not empty.
inline Utf8Character first_utf8_character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  uint32_t code_point = first & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if (!continues_utf8(text[i])) return {};
    code_point = (code_point << 6) | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (code_point < kLeast[bytes] || code_point > 0x10ffff || is_surrogate) return {};
  return {code_point, bytes};
}

}  // namespace ticklake::base
