#include "base/assert.h"
#include "broker/security/sasl_exchange.h"
#include "kafka/scram.h"

using namespace ticklake;

// The first byte says what the rest is: one of SCRAM's messages, what a client hears from a server,
// or the tokens of a whole exchange, cut at NULs, which must never succeed without the password.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 5) {
    case 0: {
      const auto first = kafka::ScramClientFirst::parse(text);
      if (first) TICKLAKE_ASSERT(first->gs2_header + first->bare == text);
      break;
    }
    case 1: static_cast<void>(kafka::ScramClientFinal::parse(text)); break;
    case 2: {
      const auto first = kafka::ScramServerFirst::parse(text);
      if (first) TICKLAKE_ASSERT(kafka::ScramServerFirst::parse(first->text()).has_value());
      break;
    }
    case 3: {
      kafka::ScramClient client(kafka::ScramMechanism::kSha256, "user", "pencil", "nonce");
      // Its hash takes milliseconds, so only what is refused before.
      if (text.find(",i=") == std::string_view::npos) TICKLAKE_ASSERT(!client.final(text));
      TICKLAKE_ASSERT(!client.check(text));
      break;
    }
    default: {
      const broker::CredentialStore store([](std::span<std::byte> into) {
        for (std::byte& byte : into)
          byte = std::byte{7};
      });
      const base::SecretRandom random = [](std::span<std::byte>) {};
      const auto exchange = broker::SaslExchange::start("SCRAM-SHA-256", store, random, {});
      for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find('\0', begin), text.size());
        exchange->take(base::as_bytes(text.substr(begin, end - begin)), [](const auto& step) {
          TICKLAKE_ASSERT(step.outcome != broker::SaslExchange::Step::Outcome::kDone);
        });
        begin = end + 1;
      }
    }
  }
  return 0;
}
