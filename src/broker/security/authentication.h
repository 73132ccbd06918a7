#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "base/secret_random.h"
#include "broker/security/credential_store.h"
#include "broker/security/principal.h"
#include "broker/security/sasl_exchange.h"
#include "kafka/api.h"
#include "kafka/error_code.h"

namespace ticklake::broker {

struct AuthenticationSettings {
  /// Kafka's sasl.enabled.mechanisms: some of sasl_mechanisms(), as clients are told them.
  std::vector<std::string> mechanisms = sasl_mechanisms();
  /// Kafka's connection.failed.authentication.delay.ms: slows guessing down.
  std::chrono::milliseconds failure_delay{100};
  /// Kafka's sasl.server.max.receive.size: of a request before authentication.
  size_t request_bytes_max = 512 * 1024;
};

/// What authentications of one server share.
struct AuthenticationShare {
  AuthenticationSettings settings;
  const CredentialStore& credentials;
  base::SecretRandom random;
  SaslExchange::Beside beside;
  /// Runs a task on the loop after a while.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
  base::Logger& logger;
};

/// Who the client of one connection to a SASL listener is (KIP-43, KIP-152), and what he may ask
/// before that is known. A client who has said it may say it again (KIP-368), as the same one.
/// shared_ptr: an answer that is under way keeps it alive.
class Authentication : public std::enable_shared_from_this<Authentication> {
 public:
  Authentication(AuthenticationShare& share, std::string client_host)
      : share_(share), client_host_(std::move(client_host)) {}

  bool is_done() const { return state_ == State::kDone; }
  /// Likewise, or the client is saying it again.
  bool was_done() const { return has_principal_; }
  /// While a token is being looked at nothing else of the connection is.
  bool is_busy() const { return is_busy_; }
  /// The next frame is a token without header (SaslHandshake version 0).
  bool wants_raw_token() const { return state_ == State::kToken && is_raw_ && !is_busy_; }
  bool allows(kafka::ApiKey key) const;
  const Principal& principal() const { return principal_; }
  /// That the client may choose from.
  const std::vector<std::string>& mechanisms() const { return share_.settings.mechanisms; }

  /// SaslHandshake: kNone, kUnsupportedSaslMechanism or kIllegalSaslState.
  kafka::ErrorCode choose(std::string_view mechanism, int16_t version);

  struct Answer {
    kafka::ErrorCode error = kafka::ErrorCode::kNone;
    std::string message = {};
    base::Bytes token = {};
  };
  /// SaslAuthenticate. `done` runs within the call or later; after an error the connection is to
  /// be closed, once the client has been told.
  void take(base::ByteView token, std::function<void(Answer)> done);

 private:
  enum class State : uint8_t { kHandshake, kToken, kDone, kFailed };

  void settle(SaslExchange::Step step, const std::function<void(Answer)>& done);
  void refuse(const std::string& reason, const std::function<void(Answer)>& done);

  AuthenticationShare& share_;
  std::string client_host_;
  State state_ = State::kHandshake;
  bool is_raw_ = false;
  bool is_busy_ = false;
  std::string mechanism_;
  std::unique_ptr<SaslExchange> exchange_;
  Principal principal_;
  bool has_principal_ = false;
};

}  // namespace ticklake::broker
