#include "broker/security/authentication.h"

#include <algorithm>
#include <utility>

namespace ticklake::broker {

using kafka::ApiKey;
using kafka::ErrorCode;

bool Authentication::allows(ApiKey key) const {
  const bool is_about_sasl = key == ApiKey::kSaslHandshake || key == ApiKey::kSaslAuthenticate;
  return is_done() || is_about_sasl || key == ApiKey::kApiVersions;
}

ErrorCode Authentication::choose(std::string_view mechanism, int16_t version) {
  if (state_ == State::kToken || state_ == State::kFailed) return ErrorCode::kIllegalSaslState;
  const bool is_enabled = std::ranges::find(mechanisms(), mechanism) != mechanisms().end();
  exchange_ = is_enabled
                  ? SaslExchange::start(mechanism, share_.credentials, share_.random, share_.beside)
                  : nullptr;
  if (!exchange_) return ErrorCode::kUnsupportedSaslMechanism;
  mechanism_ = mechanism;
  is_raw_ = version == 0;
  state_ = State::kToken;
  return ErrorCode::kNone;
}

void Authentication::take(base::ByteView token, std::function<void(Answer)> done) {
  if (state_ != State::kToken) {
    state_ = State::kFailed;
    return done({ErrorCode::kIllegalSaslState, "SaslHandshake comes before SaslAuthenticate", {}});
  }
  is_busy_ = true;
  exchange_->take(token, [self = shared_from_this(), done = std::move(done)](auto step) {
    self->settle(std::move(step), done);
  });
}

void Authentication::settle(SaslExchange::Step step, const std::function<void(Answer)>& done) {
  using Outcome = SaslExchange::Step::Outcome;
  const Principal principal{"User", exchange_->user()};
  if (step.outcome == Outcome::kRefused) return refuse(step.reason, done);
  if (step.outcome == Outcome::kDone && has_principal_ && principal != principal_) {
    return refuse("it was " + principal_.text() + " before, who may not become another one", done);
  }
  is_busy_ = false;
  if (step.outcome == Outcome::kDone) {
    principal_ = principal;
    has_principal_ = true;
    state_ = State::kDone;
    exchange_.reset();
  }
  done({ErrorCode::kNone, {}, std::move(step.token)});
}

void Authentication::refuse(const std::string& reason, const std::function<void(Answer)>& done) {
  share_.logger.warn("authentication of a client from {} failed: {}, user '{}': {}", client_host_,
                     mechanism_, printable(exchange_->user()), reason);
  state_ = State::kFailed;
  share_.later(share_.settings.failure_delay, [self = shared_from_this(), done] {
    self->is_busy_ = false;
    done({ErrorCode::kSaslAuthenticationFailed,
          "Authentication failed: invalid credentials with SASL mechanism " + self->mechanism_,
          {}});
  });
}

}  // namespace ticklake::broker
