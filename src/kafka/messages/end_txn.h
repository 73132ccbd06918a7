#pragma once

#include <cstdint>
#include <string>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kEndTxnApi{ApiKey::kEndTxn, "EndTxn", 0, 4, 3};

struct EndTxnResponse;

struct EndTxnRequest {
  static constexpr const Api& kApi = kEndTxnApi;
  using Response = EndTxnResponse;

  std::string transactional_id;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  bool committed = false;  ///< false: abort

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("transactional_id", m.transactional_id, always());
    visit("producer_id", m.producer_id, always());
    visit("producer_epoch", m.producer_epoch, always());
    visit("committed", m.committed, always());
  }
};

struct EndTxnResponse {
  static constexpr const Api& kApi = kEndTxnApi;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, always());
  }
};

}  // namespace ticklake::kafka
