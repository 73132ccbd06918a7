#include "broker/tls_certificates.h"

#include <utility>

namespace ticklake::broker {

base::Result<TlsCertificates> TlsCertificates::load(TlsFiles paths, base::FileSystem& files) {
  if (paths.certificate.empty() || paths.key.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "a TLS listener has no certificate",
                      "SSL and SASL_SSL need a certificate and its key",
                      "--tls-certificate FILE --tls-key FILE");
  }
  TlsCertificates certificates(std::move(paths), files);
  TICKLAKE_TRY(certificates.refresh());
  return certificates;
}

base::Result<bool> TlsCertificates::refresh() {
  base::TlsServerOptions texts;
  TICKLAKE_ASSIGN(texts.certificate, base::read_pem(*files_, paths_.certificate));
  TICKLAKE_ASSIGN(texts.key, base::read_pem(*files_, paths_.key));
  base::TlsServerOptions with_clients = texts;
  if (!paths_.client_ca.empty()) {
    TICKLAKE_ASSIGN(with_clients.client_ca, base::read_pem(*files_, paths_.client_ca));
  }
  if (anonymous_ && with_clients == texts_) return false;
  const auto within_file = [&](base::Error error) {
    return std::move(error).within(paths_.certificate.string() + ", " + paths_.key.string());
  };
  auto anonymous = base::TlsContext::server(texts).map_error(within_file);
  if (!anonymous) return base::fail(std::move(anonymous.error()));
  auto identifying = base::TlsContext::server(with_clients).map_error([&](base::Error error) {
    return std::move(error).within(paths_.client_ca.string());
  });
  if (!identifying) return base::fail(std::move(identifying.error()));
  texts_ = std::move(with_clients);
  anonymous_ = std::move(*anonymous);
  identifying_ = std::move(*identifying);
  return true;
}

}  // namespace ticklake::broker
