#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::base {

using ByteView = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads a big-endian integer from the first sizeof(T) bytes at `from`.
template <typename T>
T load_big_endian(const std::byte* from) {
  using Unsigned = std::make_unsigned_t<T>;
  Unsigned value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (sizeof(T) == 2) value = __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) value = __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) value = __builtin_bswap64(value);
  return static_cast<T>(value);
}

/// Writes `value` big-endian to the sizeof(T) bytes at `to`.
template <typename T>
void store_big_endian(std::byte* to, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  if constexpr (sizeof(T) == 2) bits = __builtin_bswap16(bits);
  if constexpr (sizeof(T) == 4) bits = __builtin_bswap32(bits);
  if constexpr (sizeof(T) == 8) bits = __builtin_bswap64(bits);
  std::memcpy(to, &bits, sizeof bits);
}

static_assert(std::endian::native == std::endian::little,
              "load_big_endian and store_big_endian assume it");

/// Takes values off the front of bytes from outside. The first read past the end makes the reader
/// failed: it and all later reads give zero or empty, so a caller checks ok() once, at the end.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  void set_failed() {
    ok_ = false;
    bytes_ = {};
  }
  size_t remaining() const { return bytes_.size(); }
  ByteView rest() const { return bytes_; }

  template <typename T>
  T big_endian() {
    const ByteView bytes = take(sizeof(T));
    return bytes.empty() ? T{} : load_big_endian<T>(bytes.data());
  }
  /// Exactly `size` bytes, or none and failed.
  ByteView take(size_t size) {
    if (size > bytes_.size()) {
      set_failed();
      return {};
    }
    const ByteView taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  /// Unsigned LEB128 of at most 5 (32 bits) or 10 (64 bits) bytes.
  uint32_t unsigned_varint() { return static_cast<uint32_t>(varint_bits(5, 0xffffffffu)); }
  uint64_t unsigned_varlong() { return varint_bits(10, ~uint64_t{0}); }
  /// Zigzag, as Kafka's records use it.
  int32_t varint() {
    const uint32_t bits = unsigned_varint();
    return static_cast<int32_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }
  int64_t varlong() {
    const uint64_t bits = unsigned_varlong();
    return static_cast<int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }

 private:
  uint64_t varint_bits(size_t bytes_max, uint64_t value_max);

  ByteView bytes_;
  bool ok_ = true;
};

/// Appends values to a buffer that it owns.
class ByteWriter {
 public:
  ByteWriter() = default;
  /// Goes on at the end of `bytes`.
  explicit ByteWriter(Bytes bytes) : bytes_(std::move(bytes)) {}

  template <typename T>
  void big_endian(T value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    store_big_endian(bytes_.data() + at, value);
  }
  void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void unsigned_varint(uint64_t value);
  void varint(int64_t value) {
    unsigned_varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }

  size_t size() const { return bytes_.size(); }
  /// For lengths that are known only after what they measure was written.
  std::byte* at(size_t position) { return bytes_.data() + position; }
  ByteView view() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace ticklake::base
