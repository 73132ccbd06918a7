#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/result.h"

namespace ticklake::broker {

/// How the clients of a listener speak, and whether they have to say who they are.
enum class SecurityProtocol : uint8_t { kPlaintext, kSsl, kSaslPlaintext, kSaslSsl };

/// Kafka's name, for example "SASL_SSL".
std::string_view name_of(SecurityProtocol protocol);

/// One address that the broker listens on.
struct Listener {
  SecurityProtocol protocol = SecurityProtocol::kPlaintext;
  base::Endpoint address{"127.0.0.1", 9092};
  /// What clients who come by it are told to connect to; none: the address that they dialled.
  std::optional<base::Endpoint> advertised = {};

  /// As Kafka's `listeners` has it: SASL_SSL://HOST:PORT. A bare HOST:PORT is PLAINTEXT.
  static base::Result<Listener> parse(std::string_view text);
  std::string text() const;
  bool uses_tls() const {
    return protocol == SecurityProtocol::kSsl || protocol == SecurityProtocol::kSaslSsl;
  }
  bool uses_sasl() const {
    return protocol == SecurityProtocol::kSaslPlaintext || protocol == SecurityProtocol::kSaslSsl;
  }
  bool operator==(const Listener&) const = default;
};

}  // namespace ticklake::broker
