#include "cli/http_flags.h"

#include "cli/listen_address.h"

namespace ticklake::cli {
namespace {

constexpr std::string_view kTlsStart = "https://";

base::Result<void> check_reach(const HttpFlags& flags, const HttpListener& listener,
                               const ListenerFlags& shared) {
  const bool asks_who = listener.tls && !listener.tls->client_ca.empty();
  if (asks_who || shared.is_insecure || is_loopback(listener.address.host)) return {};
  return base::fail(
      base::ErrorCode::kInvalidArgument, "will not listen on " + flags.listen,
      "nobody is asked who he is there, so whoever reaches it can read everything",
      "listen on 127.0.0.1, ask browsers for a certificate by https://" + listener.address.text() +
          " with --tls-certificate, --tls-key and --tls-client-ca, or say --insecure");
}

}  // namespace

void add_http_flags(CLI::App& up, HttpFlags& flags) {
  up.add_option("--http-listen", flags.listen,
                "HOST:PORT of the dashboard and the API; https:// before it: with TLS")
      ->capture_default_str();
}

bool uses_tls(const HttpFlags& flags) { return flags.listen.starts_with(kTlsStart); }

base::Result<HttpListener> http_listener(const HttpFlags& flags, const ListenerFlags& shared) {
  std::string_view address = flags.listen;
  if (uses_tls(flags)) address.remove_prefix(kTlsStart.size());
  HttpListener listener;
  TICKLAKE_ASSIGN(listener.address, base::Endpoint::parse(address));
  if (uses_tls(flags)) {
    if (shared.tls_certificate.empty() || shared.tls_key.empty()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        "cannot listen on " + flags.listen + " without a certificate", {},
                        "--tls-certificate FILE --tls-key FILE");
    }
    listener.tls = base::TlsFiles{shared.tls_certificate, shared.tls_key, shared.tls_client_ca};
  }
  TICKLAKE_TRY(check_reach(flags, listener, shared));
  return listener;
}

}  // namespace ticklake::cli
