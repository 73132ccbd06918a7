#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret_random.h"
#include "broker/security/credential_store.h"

namespace ticklake::broker {

/// The mechanisms that are offered, the best first.
const std::vector<std::string>& sasl_mechanisms();

/// The server's side of one authentication: PLAIN (RFC 4616) or SCRAM (RFC 5802), as a state
/// machine without I/O. A user who does not exist takes the same path, and the same time, as a
/// wrong password.
class SaslExchange {
 public:
  struct Step {
    enum class Outcome : uint8_t { kContinue, kDone, kRefused };
    Outcome outcome = Outcome::kRefused;
    base::Bytes token = {};   ///< for the client
    std::string reason = {};  ///< for the log, when refused
  };
  /// Work that takes milliseconds, and what to do with its result afterwards, on the loop.
  using Beside = std::function<void(std::function<void()> work, std::function<void()> done)>;

  virtual ~SaslExchange() = default;
  /// Takes the client's next token; `done` runs within the call or later, on the loop, and may
  /// outlive the exchange.
  virtual void take(base::ByteView token, std::function<void(Step)> done) = 0;
  /// Who the client says he is; who he is, once a step was kDone.
  const std::string& user() const { return user_; }

  /// Null if there is no such mechanism. `credentials` must outlive it.
  static std::unique_ptr<SaslExchange> start(std::string_view mechanism,
                                             const CredentialStore& credentials,
                                             const base::SecretRandom& random, Beside beside);

 protected:
  std::string user_;
};

}  // namespace ticklake::broker
