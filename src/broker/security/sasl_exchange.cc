#include "broker/security/sasl_exchange.h"

#include <utility>

#include "base/base64.h"

namespace ticklake::broker {
namespace {

using kafka::ScramMechanism;
using Step = SaslExchange::Step;

constexpr std::string_view kPlain = "PLAIN";
constexpr size_t kNonceBytes = 18;

Step refused(std::string reason) { return {Step::Outcome::kRefused, {}, std::move(reason)}; }

base::Bytes to_token(std::string_view text) {
  const base::ByteView bytes = base::as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

class PlainExchange final : public SaslExchange {
 public:
  PlainExchange(const CredentialStore& credentials, Beside beside)
      : credentials_(credentials), beside_(std::move(beside)) {}

  void take(base::ByteView token, std::function<void(Step)> done) override {
    std::string_view text = base::as_text(token);
    const size_t first = text.find('\0');
    const size_t second = first == std::string_view::npos ? first : text.find('\0', first + 1);
    if (second == std::string_view::npos || text.find('\0', second + 1) != text.npos) {
      return done(refused("the token of PLAIN has no two NULs"));
    }
    const std::string_view authorization_id = text.substr(0, first);
    user_ = text.substr(first + 1, second - first - 1);
    if (user_.empty() || second + 1 == text.size()) {
      return done(refused("the user name or the password is empty"));
    }
    if (!authorization_id.empty() && authorization_id != user_) {
      return done(refused("the authorization id is not the user's name"));
    }
    check_beside(std::string(text.substr(second + 1)), std::move(done));
  }

 private:
  void check_beside(std::string password, std::function<void(Step)> done) {
    ScramMechanism mechanism = ScramMechanism::kSha512;
    const kafka::ScramCredential* found = credentials_.find(user_, mechanism);
    if (!found) {
      if ((found = credentials_.find(user_, ScramMechanism::kSha256))) {
        mechanism = ScramMechanism::kSha256;
      }
    }
    auto credential = found ? *found : credentials_.decoy(user_, mechanism);
    const auto is_right = std::make_shared<bool>(false);
    beside_(
        [mechanism, is_right, password = std::move(password), credential = std::move(credential)] {
          *is_right = is_password_of(mechanism, credential, password);
        },
        [is_right, done = std::move(done)] {
          done(*is_right ? Step{Step::Outcome::kDone, {}, {}}
                         : refused("no such user, or a wrong password"));
        });
  }

  const CredentialStore& credentials_;
  Beside beside_;
};

class ScramExchange final : public SaslExchange {
 public:
  ScramExchange(ScramMechanism mechanism, const CredentialStore& credentials,
                const base::SecretRandom& random)
      : mechanism_(mechanism), credentials_(credentials), random_(random) {}

  void take(base::ByteView token, std::function<void(Step)> done) override {
    done(state_ == State::kFirst   ? take_first(base::as_text(token))
         : state_ == State::kFinal ? take_final(base::as_text(token))
                                   : refused("a token after the last one"));
  }

 private:
  enum class State : uint8_t { kFirst, kFinal, kEnded };

  Step take_first(std::string_view text) {
    state_ = State::kEnded;
    auto first = kafka::ScramClientFirst::parse(text);
    if (!first) return refused(base::to_line(first.error()));
    user_ = first->user;
    if (first->is_delegation_token) return refused("delegation tokens are not served");
    if (!first->authorization_id.empty() && first->authorization_id != user_) {
      return refused("the authorization id is not the user's name");
    }
    const kafka::ScramCredential* const found = credentials_.find(user_, mechanism_);
    credential_ = found ? *found : credentials_.decoy(user_, mechanism_);
    base::Bytes nonce(kNonceBytes);
    random_(nonce);
    nonce_ = first->nonce + base::to_base64(nonce);
    first_ = std::move(*first);
    server_first_ =
        kafka::ScramServerFirst{nonce_, credential_.salt, credential_.iterations}.text();
    state_ = State::kFinal;
    return {Step::Outcome::kContinue, to_token(server_first_), {}};
  }

  Step take_final(std::string_view text) {
    state_ = State::kEnded;
    const auto final = kafka::ScramClientFinal::parse(text);
    if (!final) return refused(base::to_line(final.error()));
    // librdkafka up to 2.0 puts its own part in front once more. The proof is over what it sends,
    // and ours is checked all the same.
    const bool is_ours = final->nonce == nonce_ || final->nonce == first_.nonce + nonce_;
    if (!is_ours) return refused("the nonce is another one");
    if (final->gs2_header != first_.gs2_header)
      return refused("the channel binding is another one");
    const std::string auth_message =
        kafka::scram_auth_message(first_.bare, server_first_, final->without_proof);
    if (!is_proof_of(mechanism_, credential_, auth_message, final->proof)) {
      return refused("no such user, or a wrong password");
    }
    const base::Bytes signature =
        kafka::scram_hmac(mechanism_, credential_.server_key, base::as_bytes(auth_message));
    return {Step::Outcome::kDone, to_token("v=" + base::to_base64(signature)), {}};
  }

  ScramMechanism mechanism_;
  const CredentialStore& credentials_;
  const base::SecretRandom& random_;
  State state_ = State::kFirst;
  kafka::ScramClientFirst first_;
  kafka::ScramCredential credential_;
  std::string nonce_;
  std::string server_first_;
};

}  // namespace

const std::vector<std::string>& sasl_mechanisms() {
  static const std::vector<std::string> kMechanisms{"SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"};
  return kMechanisms;
}

std::unique_ptr<SaslExchange> SaslExchange::start(std::string_view mechanism,
                                                  const CredentialStore& credentials,
                                                  const base::SecretRandom& random, Beside beside) {
  if (mechanism == kPlain) return std::make_unique<PlainExchange>(credentials, std::move(beside));
  const auto scram = kafka::find_scram_mechanism(mechanism);
  if (!scram) return nullptr;
  return std::make_unique<ScramExchange>(*scram, credentials, random);
}

}  // namespace ticklake::broker
