#pragma once

#include <optional>

#include "base/file_system.h"
#include "base/tls.h"

namespace ticklake::base {

/// Files of PEM. Empty paths: none.
struct TlsFiles {
  Path certificate;
  Path key;
  Path client_ca;  ///< clients who have to show a certificate need one that it signed
};

/// What TLS listeners show their clients, read from files, and again when these have changed: who
/// renews a certificate needs no restart. One thread.
class TlsCertificates {
 public:
  /// Says which file cannot be read, or that certificate and key are no pair.
  static Result<TlsCertificates> load(TlsFiles paths, FileSystem& files);

  /// Takes files that have changed; what then does not fit together is an error, and what was
  /// there before stays. True if something changed.
  Result<bool> refresh();
  /// For new connections of clients who have to show a certificate, if there is a client CA.
  const TlsContext& identifying() const { return *identifying_; }
  /// For new connections of clients who say in another way who they are.
  const TlsContext& anonymous() const { return *anonymous_; }

 private:
  TlsCertificates(TlsFiles paths, FileSystem& files) : paths_(std::move(paths)), files_(&files) {}

  TlsFiles paths_;
  FileSystem* files_;
  TlsServerOptions texts_;
  std::optional<TlsContext> anonymous_, identifying_;
};

}  // namespace ticklake::base
