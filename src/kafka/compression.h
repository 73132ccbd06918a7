#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace ticklake::kafka {

/// As in the low three bits of a batch's attributes.
enum class Codec : uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

/// Compresses as Kafka's Java client does: snappy in xerial framing, LZ4 as a frame.
base::Result<base::Bytes> compress(Codec codec, base::ByteView bytes);

/// The reverse; snappy with or without the Java framing. kInvalidData if the bytes are not of the
/// codec or would grow past `bytes_max`, which also bounds the memory used.
base::Result<base::Bytes> decompress(Codec codec, base::ByteView bytes, size_t bytes_max);

}  // namespace ticklake::kafka
