#include "aws/request_authentication.h"
#include "base/assert.h"

using namespace ticklake;

// The first byte says what the rest is: an Authorization header, or a target with a signature in
// its query. What parses is within its bounds, and is no signature of a secret that made none.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const bool is_header = data[0] % 2 == 0;
  const std::vector<aws::HeaderField> headers{
      {"Host", "127.0.0.1"}, {"X-Amz-Date", "20261129T143000Z"}, {"Authorization", text}};
  const std::span<const aws::HeaderField> sent = headers;
  const aws::RequestView request{"GET", is_header ? "/b/k" : text,
                                 is_header ? sent : sent.first(1)};
  const auto parsed = aws::RequestAuthorization::parse(request);
  if (!parsed || !*parsed) return 0;
  const aws::RequestAuthorization& authorization = **parsed;
  TICKLAKE_ASSERT(!authorization.access_key_id().empty());
  const base::WallTime now =
      authorization.v4() ? authorization.v4()->signed_at : authorization.v2()->expires_at;
  if (const auto& v4 = authorization.v4()) {
    TICKLAKE_ASSERT(v4->signed_headers.size() <= aws::kSignedHeadersMax);
    TICKLAKE_ASSERT(v4->signature.size() == 64);
    TICKLAKE_ASSERT(v4->expires <= aws::kPresignedSecondsMax);
    TICKLAKE_ASSERT(!aws::check_v4(*v4, request, "a secret", aws::kUnsignedPayload, now));
  } else {
    TICKLAKE_ASSERT(!aws::check_v2(*authorization.v2(), request, "", "a secret", now));
  }
  return 0;
}
