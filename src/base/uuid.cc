#include "base/uuid.h"

#include <cstdint>

namespace ticklake::base {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kTextSize = 22;

}  // namespace

Uuid Uuid::random(Random& random) {
  Uuid uuid;
  do {
    for (size_t i = 0; i < uuid.bytes.size(); i += 8) {
      const uint64_t word = random.next();
      for (size_t j = 0; j < 8; ++j)
        uuid.bytes[i + j] = static_cast<std::byte>(word >> (8 * j));
    }
    uuid.bytes[6] = (uuid.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    uuid.bytes[8] = (uuid.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  } while (uuid.text().front() == '-');
  return uuid;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  Uuid uuid;
  uint32_t bits = 0;
  int bit_count = 0;
  size_t out = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    bit_count += 6;
    if (bit_count >= 8 && out < uuid.bytes.size()) {
      bit_count -= 8;
      uuid.bytes[out++] = static_cast<std::byte>((bits >> bit_count) & 0xff);
    }
  }
  return uuid;
}

std::string Uuid::text() const {
  std::string text;
  uint32_t bits = 0;
  int bit_count = 0;
  for (const std::byte byte : bytes) {
    bits = (bits << 8) | static_cast<uint32_t>(byte);
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      text += kAlphabet[(bits >> bit_count) & 63];
    }
  }
  text += kAlphabet[(bits << (6 - bit_count)) & 63];
  return text;
}

}  // namespace ticklake::base
