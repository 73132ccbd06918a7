#include "base/bytes.h"

namespace ticklake::base {

uint64_t ByteReader::varint_bits(size_t bytes_max, uint64_t value_max) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes_max; ++i) {
    if (i >= bytes_.size()) break;
    const auto byte = static_cast<uint64_t>(bytes_[i]);
    const uint64_t group = byte & 0x7f;
    const auto shift = static_cast<unsigned>(7 * i);
    if (group > (value_max >> shift)) break;
    value |= group << shift;
    if ((byte & 0x80) == 0) {
      bytes_ = bytes_.subspan(i + 1);
      return value;
    }
  }
  set_failed();
  return 0;
}

void ByteWriter::unsigned_varint(uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<std::byte>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<std::byte>(value));
}

}  // namespace ticklake::base
