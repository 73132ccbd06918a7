#include "base/crc32c.h"

#include <array>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace ticklake::base {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value >> 1) ^ ((value & 1) ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = make_table();

#if defined(__SSE4_2__)
uint64_t step8(uint64_t crc, uint64_t word) { return _mm_crc32_u64(crc, word); }
uint32_t step1(uint32_t crc, std::byte byte) {
  return _mm_crc32_u8(crc, static_cast<unsigned char>(byte));
}
#define TICKLAKE_CRC32C_INSTRUCTION 1
#elif defined(__ARM_FEATURE_CRC32)
uint64_t step8(uint64_t crc, uint64_t word) { return __crc32cd(static_cast<uint32_t>(crc), word); }
uint32_t step1(uint32_t crc, std::byte byte) {
  return __crc32cb(crc, static_cast<unsigned char>(byte));
}
#define TICKLAKE_CRC32C_INSTRUCTION 1
#endif

}  // namespace

uint32_t crc32c_by_table(ByteView bytes, uint32_t previous) {
  uint32_t crc = ~previous;
  for (const std::byte byte : bytes) {
    crc = kTable[(crc ^ static_cast<uint32_t>(byte)) & 0xff] ^ (crc >> 8);
  }
  return ~crc;
}

#ifdef TICKLAKE_CRC32C_INSTRUCTION

namespace {

constexpr size_t kLaneBytes = 1024;

/// The state after `count` zero bytes, for each value of each of the state's four bytes: the CRC is
/// linear, so lanes that were computed side by side are joined by shifting the earlier ones.
struct ZeroShift {
  explicit ZeroShift(size_t count) {
    for (uint32_t byte = 0; byte < 4; ++byte) {
      for (uint32_t value = 0; value < 256; ++value) {
        uint32_t crc = value << (8 * byte);
        for (size_t i = 0; i < count; ++i)
          crc = kTable[crc & 0xff] ^ (crc >> 8);
        table[byte][value] = crc;
      }
    }
  }
  uint32_t operator()(uint32_t crc) const {
    return table[0][crc & 0xff] ^ table[1][(crc >> 8) & 0xff] ^ table[2][(crc >> 16) & 0xff] ^
           table[3][crc >> 24];
  }
  std::array<std::array<uint32_t, 256>, 4> table{};
};

uint64_t load8(const std::byte* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// Three lanes at once hide the instruction's latency of three cycles.
uint32_t three_lanes(const std::byte* at, uint32_t crc) {
  static const ZeroShift shift(kLaneBytes);
  uint64_t a = crc, b = 0, c = 0;
  for (size_t i = 0; i < kLaneBytes; i += 8) {
    a = step8(a, load8(at + i));
    b = step8(b, load8(at + kLaneBytes + i));
    c = step8(c, load8(at + 2 * kLaneBytes + i));
  }
  const uint32_t ab = shift(static_cast<uint32_t>(a)) ^ static_cast<uint32_t>(b);
  return shift(ab) ^ static_cast<uint32_t>(c);
}

}  // namespace

uint32_t crc32c(ByteView bytes, uint32_t previous) {
  uint32_t crc = ~previous;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * kLaneBytes; at += 3 * kLaneBytes, left -= 3 * kLaneBytes) {
    crc = three_lanes(at, crc);
  }
  for (; left >= 8; at += 8, left -= 8)
    crc = static_cast<uint32_t>(step8(crc, load8(at)));
  for (; left > 0; ++at, --left)
    crc = step1(crc, *at);
  return ~crc;
}

#else

uint32_t crc32c(ByteView bytes, uint32_t previous) { return crc32c_by_table(bytes, previous); }

#endif

}  // namespace ticklake::base
