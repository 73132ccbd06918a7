#include "base/tls_certificates.h"

#include <utility>

namespace ticklake::base {

Result<TlsCertificates> TlsCertificates::load(TlsFiles paths, FileSystem& files) {
  if (paths.certificate.empty() || paths.key.empty()) {
    return fail(ErrorCode::kInvalidArgument, "a TLS listener has no certificate",
                "TLS needs a certificate and its key", "--tls-certificate FILE --tls-key FILE");
  }
  TlsCertificates certificates(std::move(paths), files);
  TICKLAKE_TRY(certificates.refresh());
  return certificates;
}

Result<bool> TlsCertificates::refresh() {
  TlsServerOptions texts;
  TICKLAKE_ASSIGN(texts.certificate, read_pem(*files_, paths_.certificate));
  TICKLAKE_ASSIGN(texts.key, read_pem(*files_, paths_.key));
  TlsServerOptions with_clients = texts;
  if (!paths_.client_ca.empty()) {
    TICKLAKE_ASSIGN(with_clients.client_ca, read_pem(*files_, paths_.client_ca));
  }
  if (anonymous_ && with_clients == texts_) return false;
  const auto within_file = [&](Error error) {
    return std::move(error).within(paths_.certificate.string() + ", " + paths_.key.string());
  };
  auto anonymous = TlsContext::server(texts).map_error(within_file);
  if (!anonymous) return fail(std::move(anonymous.error()));
  auto identifying = TlsContext::server(with_clients).map_error([&](Error error) {
    return std::move(error).within(paths_.client_ca.string());
  });
  if (!identifying) return fail(std::move(identifying.error()));
  texts_ = std::move(with_clients);
  anonymous_ = std::move(*anonymous);
  identifying_ = std::move(*identifying);
  return true;
}

}  // namespace ticklake::base
