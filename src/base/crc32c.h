#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace ticklake::base {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`, going on from the checksum of what came
/// before them (0 at the start). Uses the processor's instruction where there is one.
uint32_t crc32c(ByteView bytes, uint32_t previous = 0);

/// The same by table, on any processor; the reference for the tests.
uint32_t crc32c_by_table(ByteView bytes, uint32_t previous = 0);

}  // namespace ticklake::base
