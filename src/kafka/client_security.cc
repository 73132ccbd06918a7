#include "kafka/client_security.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "kafka/scram.h"

namespace ticklake::kafka {
namespace {

class Settings {
 public:
  explicit Settings(const ClientSettings& settings) : settings_(settings) {}

  /// The last one counts, as with librdkafka; empty if there is none.
  std::string value(std::string_view name, std::string_view alias = {}) const {
    for (auto setting = settings_.rbegin(); setting != settings_.rend(); ++setting) {
      if (setting->first == name || (!alias.empty() && setting->first == alias)) {
        return setting->second;
      }
    }
    return {};
  }

  /// "….pem" as it is, or what stands in the file of "….location".
  base::Result<std::string> pem(const std::string& name, base::FileSystem& files) const {
    if (const std::string text = value(name + ".pem"); !text.empty()) return text;
    const std::string path = value(name + ".location");
    if (path.empty() || path == "probe") return std::string();
    return base::read_pem(files, path).map_error([&](base::Error error) {
      return std::move(error).within(name + ".location");
    });
  }

 private:
  const ClientSettings& settings_;
};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

tl::unexpected<base::Error> unusable(const std::string& name, const std::string& value,
                                     const char* advice) {
  return base::fail(base::ErrorCode::kInvalidArgument, "cannot use " + name + "=" + value, {},
                    advice);
}

base::Result<void> read_sasl(const Settings& settings, ClientSecurity& security) {
  security.mechanism = upper(settings.value("sasl.mechanisms", "sasl.mechanism"));
  security.user = settings.value("sasl.username");
  security.password = settings.value("sasl.password");
  if (security.mechanism != "PLAIN" && !find_scram_mechanism(security.mechanism)) {
    return unusable("sasl.mechanism", security.mechanism, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
  }
  if (security.user.empty() || security.password.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "no user to authenticate as",
                      "sasl.username or sasl.password is not set",
                      "put both into a file and name it with --client-config");
  }
  return {};
}

base::Result<void> read_tls(const Settings& settings, base::FileSystem& files,
                            ClientSecurity& security) {
  if (!settings.value("ssl.key.password").empty()) {
    return base::fail(base::ErrorCode::kUnsupported, "cannot use ssl.key.password", {},
                      "give the key without a password: openssl pkey -in KEY -out PLAIN");
  }
  TICKLAKE_ASSIGN(security.tls.ca, settings.pem("ssl.ca", files));
  TICKLAKE_ASSIGN(security.tls.certificate, settings.pem("ssl.certificate", files));
  TICKLAKE_ASSIGN(security.tls.key, settings.pem("ssl.key", files));
  security.tls.verifies_server = settings.value("enable.ssl.certificate.verification") != "false";
  security.tls.verifies_host = settings.value("ssl.endpoint.identification.algorithm") != "none";
  return {};
}

}  // namespace

base::Result<ClientSecurity> client_security(const ClientSettings& named, base::FileSystem& files) {
  const Settings settings(named);
  ClientSecurity security;
  const std::string protocol = upper(settings.value("security.protocol"));
  security.uses_tls = protocol == "SSL" || protocol == "SASL_SSL";
  security.uses_sasl = protocol == "SASL_PLAINTEXT" || protocol == "SASL_SSL";
  if (!security.uses_tls && !security.uses_sasl && !protocol.empty() && protocol != "PLAINTEXT") {
    return unusable("security.protocol", protocol, "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
  }
  if (security.uses_sasl) TICKLAKE_TRY(read_sasl(settings, security));
  if (security.uses_tls) TICKLAKE_TRY(read_tls(settings, files, security));
  return security;
}

}  // namespace ticklake::kafka
