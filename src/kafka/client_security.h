#pragma once

#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "base/tls.h"
#include "kafka/client_settings.h"

namespace ticklake::kafka {

/// How a Connection of our own protects itself and says who it is, where librdkafka's clients do
/// so by themselves.
struct ClientSecurity {
  bool uses_tls = false;
  base::TlsClientOptions tls = {};
  bool uses_sasl = false;
  std::string mechanism = {};  ///< PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512
  std::string user = {};
  std::string password = {};
};

/// From librdkafka's settings: security.protocol, sasl.mechanism(s), sasl.username, sasl.password,
/// ssl.ca.location, ssl.certificate.location, ssl.key.location, the same three as ….pem,
/// enable.ssl.certificate.verification, ssl.endpoint.identification.algorithm. Others are passed
/// over. Reads the files that they name. kInvalidArgument or kUnsupported names the setting.
base::Result<ClientSecurity> client_security(const ClientSettings& settings,
                                             base::FileSystem& files);

}  // namespace ticklake::kafka
