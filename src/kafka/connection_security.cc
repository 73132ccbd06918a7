// How a Connection protects itself and says who it is.

#include <array>

#include "base/base64.h"
#include "base/secret_random.h"
#include "kafka/connection.h"
#include "kafka/messages/sasl_authenticate.h"
#include "kafka/messages/sasl_handshake.h"
#include "kafka/scram.h"

namespace ticklake::kafka {
namespace {

constexpr size_t kWireBytes = 16 * 1024;
constexpr size_t kNonceBytes = 18;
constexpr int16_t kHandshakeVersion = 1;
constexpr int16_t kAuthenticateVersion = 1;

base::Error not_trusted(base::Error error) {
  error.code = base::ErrorCode::kPermission;
  if (error.advice.empty()) {
    error.advice = "check ssl.ca.location, and that the port is one of TLS (security.protocol)";
  }
  return error;
}

base::Error refused(std::string cause) {
  return {base::ErrorCode::kPermission, "authentication failed", std::move(cause),
          "check sasl.mechanism, sasl.username and sasl.password", false};
}

}  // namespace

base::Result<void> Connection::start_tls(const base::Endpoint& endpoint,
                                         const base::TlsClientOptions& tls) {
  TICKLAKE_ASSIGN(const base::TlsContext context, base::TlsContext::client(tls));
  tls_ = base::TlsSession::connect(context, endpoint.host);
  while (true) {
    const auto is_done = tls_->handshake();
    TICKLAKE_TRY(send_tls_output());  // the alert too
    if (!is_done) return base::fail(not_trusted(is_done.error()).within(endpoint.text()));
    if (*is_done) return {};
    TICKLAKE_TRY(receive_tls_input());
  }
}

base::Result<void> Connection::send_tls_output() {
  while (tls_->has_output())
    TICKLAKE_TRY(socket_.send(tls_->take_output()));
  return {};
}

base::Result<void> Connection::receive_tls_input() {
  std::array<std::byte, kWireBytes> wire{};
  TICKLAKE_ASSIGN(const size_t size, socket_.receive_some(wire));
  tls_->feed(base::ByteView(wire).first(size));
  return {};
}

base::Result<void> Connection::send(base::ByteView bytes) {
  if (!tls_) return socket_.send(bytes);
  TICKLAKE_TRY(tls_->write(bytes));
  return send_tls_output();
}

base::Result<void> Connection::receive(std::span<std::byte> bytes) {
  if (!tls_) return socket_.receive(bytes);
  while (!bytes.empty()) {
    const auto size = tls_->read(bytes);
    // With TLS 1.3 the server judges our certificate after its own handshake is done.
    if (!size) return base::fail(not_trusted(size.error()));
    bytes = bytes.subspan(*size);
    if (*size == 0) TICKLAKE_TRY(receive_tls_input());
  }
  return {};
}

base::Result<std::string> Connection::send_token(std::string_view token) {
  SaslAuthenticateRequest message;
  const base::ByteView bytes = base::as_bytes(token);
  message.auth_bytes.assign(bytes.begin(), bytes.end());
  TICKLAKE_ASSIGN(const SaslAuthenticateResponse response, request(message, kAuthenticateVersion));
  if (response.error_code != ErrorCode::kNone) {
    return base::fail(
        refused(response.error_message.value_or(std::string(name_of(response.error_code)))));
  }
  return std::string(base::as_text(response.auth_bytes));
}

base::Result<void> Connection::authenticate(const ClientSecurity& security) {
  TICKLAKE_ASSIGN(const SaslHandshakeResponse handshake,
                  request(SaslHandshakeRequest{security.mechanism}, kHandshakeVersion));
  if (handshake.error_code != ErrorCode::kNone) {
    std::string offered;
    for (const std::string& mechanism : handshake.mechanisms)
      offered += (offered.empty() ? "" : ", ") + mechanism;
    return base::fail(refused(security.mechanism + ": " +
                              std::string(name_of(handshake.error_code)) +
                              (offered.empty() ? "" : "; the broker offers " + offered)));
  }
  const auto scram = find_scram_mechanism(security.mechanism);
  if (!scram) {
    std::string token = "?" + security.user + "?" + security.password;
    token[0] = token[1 + security.user.size()] = '\0';
    return send_token(token).map([](const std::string&) {});
  }
  base::Bytes nonce(kNonceBytes);
  base::system_secret_random()(nonce);
  ScramClient client(*scram, security.user, security.password, base::to_base64(nonce));
  TICKLAKE_ASSIGN(const std::string server_first, send_token(client.first()));
  TICKLAKE_ASSIGN(const std::string final, client.final(server_first));
  TICKLAKE_ASSIGN(const std::string server_final, send_token(final));
  return client.check(server_final);
}

}  // namespace ticklake::kafka
