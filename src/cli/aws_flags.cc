#include "cli/aws_flags.h"

#include "cli/listen_address.h"

namespace ticklake::cli {
namespace {

constexpr std::string_view kTlsStart = "https://";

}  // namespace

void add_aws_flags(CLI::App& up, AwsFlags& flags) {
  up.add_option("--aws-listen", flags.listen,
                "HOST:PORT for AWS clients (S3, Glue, Athena, STS, IAM); https:// before it: with "
                "TLS; none: not at all")
      ->capture_default_str();
}

bool uses_tls(const AwsFlags& flags) { return flags.listen.starts_with(kTlsStart); }

base::Result<std::optional<http::Listener>> aws_listener(const AwsFlags& flags,
                                                         const ListenerFlags& shared) {
  if (flags.listen == "none") return std::nullopt;
  std::string_view address = flags.listen;
  if (uses_tls(flags)) address.remove_prefix(kTlsStart.size());
  http::Listener listener;
  TICKLAKE_ASSIGN(listener.address, base::Endpoint::parse(address));
  listener.advice =
      "stop what listens there, or choose a port: --aws-listen 127.0.0.1:8091 (none: no endpoint)";
  if (uses_tls(flags)) {
    if (shared.tls_certificate.empty() || shared.tls_key.empty()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        "cannot listen on " + flags.listen + " without a certificate", {},
                        "--tls-certificate FILE --tls-key FILE");
    }
    listener.tls = base::TlsFiles{shared.tls_certificate, shared.tls_key, {}};
    return listener;
  }
  if (is_loopback(listener.address.host) || shared.is_insecure) return listener;
  return base::fail(base::ErrorCode::kInvalidArgument, "will not listen on " + flags.listen,
                    "without TLS whoever is on the way reads all that is sent there",
                    "listen on 127.0.0.1, on https://" + listener.address.text() +
                        " with --tls-certificate and --tls-key, or say --insecure");
}

}  // namespace ticklake::cli
