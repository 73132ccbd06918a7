#include <array>

#include "base/assert.h"
#include "kafka/messages/all.h"

namespace {

using namespace ticklake;
using base::Bytes;
using base::ByteView;

template <typename Message>
Bytes encoded(const Message& message, int16_t version) {
  base::ByteWriter to;
  kafka::encode(message, version, to);
  return to.take();
}

/// What decodes must encode to bytes that decode to the same message.
template <typename Message>
void check_message(ByteView body, int16_t version) {
  const auto message = kafka::decode<Message>(body, version);
  if (!message) return;
  const Bytes bytes = encoded(*message, version);
  const auto again = kafka::decode<Message>(bytes, version);
  TICKLAKE_ASSERT(again);
  TICKLAKE_ASSERT(encoded(*again, version) == bytes);
  TICKLAKE_ASSERT(kafka::print(*again, version) == kafka::print(*message, version));
}

template <typename Request>
void check(ByteView body, uint8_t choice) {
  constexpr const kafka::Api& api = Request::kApi;
  const int versions = api.version_max - api.version_min + 1;
  const auto version = static_cast<int16_t>(api.version_min + choice / 2 % versions);
  if (choice % 2 == 0) check_message<Request>(body, version);
  if (choice % 2 == 1) check_message<typename Request::Response>(body, version);
}

template <typename... Requests>
constexpr auto checks_of(std::type_identity<std::tuple<Requests...>>) {
  return std::array{&check<Requests>...};
}
constexpr auto kChecks = checks_of(std::type_identity<kafka::AllRequests>());

}  // namespace

// The first byte chooses the API, the second version and direction; the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const ByteView body(reinterpret_cast<const std::byte*>(data + 2), size - 2);
  kChecks[data[0] % kChecks.size()](body, data[1]);
  return 0;
}
