#include "base/assert.h"
#include "kafka/messages/all.h"

using namespace ticklake;

namespace {

/// Whether the request is one of `Request`; decodes it as the broker does.
template <typename Request>
bool decode_as(const kafka::Request& request) {
  if (request.header.api_key != Request::kApi.key) return false;
  const auto message = kafka::decode<Request>(request.body, request.header.api_version);
  TICKLAKE_ASSERT(message || !Request::kApi.has(request.header.api_version) ||
                  message.error().code == base::ErrorCode::kInvalidData);
  return true;
}

}  // namespace

// A whole request as it stands on the wire behind its length.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request =
      kafka::parse_request(base::ByteView(reinterpret_cast<const std::byte*>(data), size));
  if (!request) return 0;
  [&]<typename... Requests>(std::type_identity<std::tuple<Requests...>>) {
    const bool is_known = (decode_as<Requests>(*request) || ...);
    TICKLAKE_ASSERT(is_known == (kafka::find_api(request->header.api_key) != nullptr));
  }(std::type_identity<kafka::AllRequests>());
  return 0;
}
