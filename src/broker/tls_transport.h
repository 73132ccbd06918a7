#pragma once

#include <functional>
#include <memory>

#include "base/tls.h"
#include "broker/transport.h"

namespace ticklake::broker {

/// TLS over another transport, as the server: the handshake is part of the first read, which fails
/// with kInvalidData where it does. `wire_room` is where the client's bytes go before they are
/// decrypted, which many transports may share; `post` runs a task later, on the loop.
std::unique_ptr<Transport> make_tls_transport(std::unique_ptr<Transport> wire,
                                              const base::TlsContext& context,
                                              Transport::Room wire_room,
                                              std::function<void(std::function<void()>)> post);

}  // namespace ticklake::broker
