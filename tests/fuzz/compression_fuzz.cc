#include "base/assert.h"
#include "kafka/compression.h"

using namespace ticklake;

namespace {
constexpr size_t kBytesMax = 1 << 20;
}  // namespace

// The first byte chooses the codec; the rest is decompressed, and compressed and brought back.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto codec = static_cast<kafka::Codec>(data[0] % 5);
  const base::ByteView bytes(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  const auto plain = kafka::decompress(codec, bytes, kBytesMax);
  TICKLAKE_ASSERT(!plain || plain->size() <= kBytesMax);

  const auto packed = kafka::compress(codec, bytes);
  TICKLAKE_ASSERT(packed);
  const auto back = kafka::decompress(codec, *packed, bytes.size());
  TICKLAKE_ASSERT(back && std::equal(back->begin(), back->end(), bytes.begin(), bytes.end()));
  return 0;
}
