#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kInitProducerIdApi{ApiKey::kInitProducerId, "InitProducerId", 0, 4, 2};

struct InitProducerIdResponse;

struct InitProducerIdRequest {
  static constexpr const Api& kApi = kInitProducerIdApi;
  using Response = InitProducerIdResponse;

  std::optional<std::string> transactional_id;
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("transactional_id", m.transactional_id, always());
    visit("transaction_timeout_ms", m.transaction_timeout_ms, always());
    visit("producer_id", m.producer_id, since(3));
    visit("producer_epoch", m.producer_epoch, since(3));
  }
};

struct InitProducerIdResponse {
  static constexpr const Api& kApi = kInitProducerIdApi;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, always());
    visit("producer_id", m.producer_id, always());
    visit("producer_epoch", m.producer_epoch, always());
  }
};

}  // namespace ticklake::kafka
