#include "aws/chunked_payload.h"
#include "base/assert.h"

using namespace ticklake;

namespace {

struct Outcome {
  std::string data;
  bool is_whole = false;
};

Outcome decode(const aws::ChunkedPayloadOptions& options, base::ByteView body, size_t cut) {
  aws::ChunkedPayloadDecoder decoder(options);
  Outcome outcome;
  while (!body.empty()) {
    base::ByteView wire = body.first(std::min(body.size(), cut));
    body = body.subspan(wire.size());
    while (true) {
      const auto piece = decoder.next(wire);
      if (!piece) return outcome;
      if (piece->empty()) break;
      outcome.data += base::as_text(*piece);
      TICKLAKE_ASSERT(outcome.data.size() <= options.decoded_bytes);
    }
    TICKLAKE_ASSERT(wire.empty());
  }
  outcome.is_whole = decoder.finish().has_value();
  TICKLAKE_ASSERT(!outcome.is_whole || outcome.data.size() == options.decoded_bytes);
  return outcome;
}

}  // namespace

// The first three bytes say form, announced length and where the body is cut; the outcome does not
// depend on the cut. Nobody has signed anything, so signed forms never come to an end.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const base::ByteView body(reinterpret_cast<const std::byte*>(data + 3), size - 3);
  aws::ChunkedPayloadOptions options;
  options.form = static_cast<aws::PayloadForm>(2 + data[0] % 3);
  options.decoded_bytes = data[1];
  if ((data[0] & 4) != 0) {
    options.trailer_checksum = static_cast<aws::ChecksumAlgorithm>((data[0] >> 3) % 5);
  }
  if (aws::has_signed_chunks(options.form)) {
    options.signing = aws::ChunkSigning{{}, "20261129T143000Z", "scope", std::string(64, '0')};
  }
  const Outcome whole = decode(options, body, SIZE_MAX);
  const Outcome cut = decode(options, body, 1 + data[2] % 16);
  TICKLAKE_ASSERT(whole.is_whole == cut.is_whole && whole.data == cut.data);
  TICKLAKE_ASSERT(!whole.is_whole || !aws::has_signed_chunks(options.form));
  return 0;
}
