#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "base/tls_certificates.h"
#include "cli/listener_flags.h"

namespace ticklake::cli {

/// Where the page and its API are served, as it was typed.
struct HttpFlags {
  std::string listen = "127.0.0.1:8080";
};

/// --http-listen.
void add_http_flags(CLI::App& up, HttpFlags& flags);

struct HttpListener {
  base::Endpoint address{"127.0.0.1", 8080};
  std::optional<base::TlsFiles> tls = {};
};

/// With https:// before it TLS by the certificate of the broker's flags; with --tls-client-ca
/// whoever comes in shows a certificate. Beyond loopback it needs that, or --insecure: TLS alone
/// asks nobody who he is, as with the broker.
base::Result<HttpListener> http_listener(const HttpFlags& flags, const ListenerFlags& shared);

/// Whether the certificate's flags are there for this listener.
bool uses_tls(const HttpFlags& flags);

}  // namespace ticklake::cli
