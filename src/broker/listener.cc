#include "broker/listener.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ticklake::broker {
namespace {

/// In the order of SecurityProtocol.
constexpr std::array<std::string_view, 4> kProtocols{"PLAINTEXT", "SSL", "SASL_PLAINTEXT",
                                                     "SASL_SSL"};

}  // namespace

std::string_view name_of(SecurityProtocol protocol) {
  return kProtocols[static_cast<size_t>(protocol)];
}

base::Result<Listener> Listener::parse(std::string_view text) {
  const size_t separator = text.find("://");
  Listener listener;
  if (separator != std::string_view::npos) {
    std::string scheme(text.substr(0, separator));
    std::ranges::transform(scheme, scheme.begin(), [](unsigned char c) { return std::toupper(c); });
    const auto found = std::ranges::find(kProtocols, scheme);
    if (found == kProtocols.end()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        "'" + std::string(text) + "' is not a listener",
                        "there is no protocol " + scheme,
                        "PLAINTEXT://, SSL://, SASL_PLAINTEXT:// or SASL_SSL:// before HOST:PORT");
    }
    listener.protocol = static_cast<SecurityProtocol>(found - kProtocols.begin());
    text.remove_prefix(separator + 3);
  }
  TICKLAKE_ASSIGN(listener.address, base::Endpoint::parse(text));
  return listener;
}

std::string Listener::text() const {
  return std::string(name_of(protocol)) + "://" + address.text();
}

}  // namespace ticklake::broker
