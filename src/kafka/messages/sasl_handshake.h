#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kSaslHandshakeApi{ApiKey::kSaslHandshake, "SaslHandshake", 0, 1,
                                       std::numeric_limits<int16_t>::max()};

struct SaslHandshakeResponse;

struct SaslHandshakeRequest {
  static constexpr const Api& kApi = kSaslHandshakeApi;
  using Response = SaslHandshakeResponse;

  std::string mechanism;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("mechanism", m.mechanism, always());
  }
};

struct SaslHandshakeResponse {
  static constexpr const Api& kApi = kSaslHandshakeApi;

  ErrorCode error_code = ErrorCode::kNone;
  std::vector<std::string> mechanisms;  ///< that the broker would take

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("error_code", m.error_code, always());
    visit("mechanisms", m.mechanisms, always());
  }
};

}  // namespace ticklake::kafka
