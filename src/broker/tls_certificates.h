#pragma once

#include <optional>

#include "base/file_system.h"
#include "base/log.h"
#include "base/tls.h"
#include "broker/listener.h"

namespace ticklake::broker {

/// Files of PEM. Empty paths: none.
struct TlsFiles {
  base::Path certificate;
  base::Path key;
  base::Path client_ca;  ///< clients of SSL listeners have to show a certificate that it signed
};

/// What TLS listeners show their clients, read from files, and again when these have changed: who
/// renews a certificate needs no restart.
class TlsCertificates {
 public:
  /// Says which file cannot be read, or that certificate and key are no pair.
  static base::Result<TlsCertificates> load(TlsFiles paths, base::FileSystem& files);

  /// Takes files that have changed; what then does not fit together is an error, and what was
  /// there before stays. True if something changed.
  base::Result<bool> refresh();
  /// For new connections. Clients of SASL_SSL say who they are by SASL, as with Kafka.
  const base::TlsContext& context_of(const Listener& listener) const {
    return listener.uses_sasl() ? *anonymous_ : *identifying_;
  }

 private:
  TlsCertificates(TlsFiles paths, base::FileSystem& files)
      : paths_(std::move(paths)), files_(&files) {}

  TlsFiles paths_;
  base::FileSystem* files_;
  base::TlsServerOptions texts_;
  std::optional<base::TlsContext> anonymous_, identifying_;
};

}  // namespace ticklake::broker
