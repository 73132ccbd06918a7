#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kAlterUserScramCredentialsApi{ApiKey::kAlterUserScramCredentials,
                                                   "AlterUserScramCredentials", 0, 0, 0};

struct AlterUserScramCredentialsResponse;

struct AlterUserScramCredentialsRequest {
  static constexpr const Api& kApi = kAlterUserScramCredentialsApi;
  using Response = AlterUserScramCredentialsResponse;

  struct Deletion {
    std::string name;
    int8_t mechanism = 0;  ///< 1: SCRAM-SHA-256, 2: SCRAM-SHA-512

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("mechanism", m.mechanism, always());
    }
  };

  struct Upsertion {
    std::string name;
    int8_t mechanism = 0;
    int32_t iterations = 0;
    base::Bytes salt;
    base::Bytes salted_password;  ///< Hi() of RFC 5802

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("mechanism", m.mechanism, always());
      visit("iterations", m.iterations, always());
      visit("salt", m.salt, always());
      visit("salted_password", m.salted_password, always());
    }
  };

  std::vector<Deletion> deletions;
  std::vector<Upsertion> upsertions;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("deletions", m.deletions, always());
    visit("upsertions", m.upsertions, always());
  }
};

struct AlterUserScramCredentialsResponse {
  static constexpr const Api& kApi = kAlterUserScramCredentialsApi;

  struct Result {
    std::string user;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("user", m.user, always());
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("results", m.results, always());
  }
};

}  // namespace ticklake::kafka
