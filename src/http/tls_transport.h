#pragma once

#include <memory>

#include "base/tls.h"
#include "http/transport.h"

namespace ticklake::http {

/// TLS over another transport, as the server: the handshake is part of the first read.
std::unique_ptr<Transport> make_tls_transport(std::unique_ptr<Transport> wire,
                                              const base::TlsContext& context);

}  // namespace ticklake::http
