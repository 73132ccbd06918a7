#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kSaslAuthenticateApi{ApiKey::kSaslAuthenticate, "SaslAuthenticate", 0, 2, 2};

struct SaslAuthenticateResponse;

struct SaslAuthenticateRequest {
  static constexpr const Api& kApi = kSaslAuthenticateApi;
  using Response = SaslAuthenticateResponse;

  base::Bytes auth_bytes;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("auth_bytes", m.auth_bytes, always());
  }
};

struct SaslAuthenticateResponse {
  static constexpr const Api& kApi = kSaslAuthenticateApi;

  ErrorCode error_code = ErrorCode::kNone;
  std::optional<std::string> error_message;
  base::Bytes auth_bytes;
  int64_t session_lifetime_ms = 0;  ///< 0: no need to authenticate again

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("error_code", m.error_code, always());
    visit("error_message", m.error_message, always());
    visit("auth_bytes", m.auth_bytes, always());
    visit("session_lifetime_ms", m.session_lifetime_ms, since(1));
  }
};

}  // namespace ticklake::kafka
