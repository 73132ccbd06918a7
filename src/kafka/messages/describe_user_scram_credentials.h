#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kDescribeUserScramCredentialsApi{ApiKey::kDescribeUserScramCredentials,
                                                      "DescribeUserScramCredentials", 0, 0, 0};

struct DescribeUserScramCredentialsResponse;

struct DescribeUserScramCredentialsRequest {
  static constexpr const Api& kApi = kDescribeUserScramCredentialsApi;
  using Response = DescribeUserScramCredentialsResponse;

  struct User {
    std::string name;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
    }
  };

  std::optional<std::vector<User>> users;  ///< null or empty: all

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("users", m.users, always());
  }
};

struct DescribeUserScramCredentialsResponse {
  static constexpr const Api& kApi = kDescribeUserScramCredentialsApi;

  struct Result {
    struct Credential {
      int8_t mechanism = 0;  ///< 1: SCRAM-SHA-256, 2: SCRAM-SHA-512
      int32_t iterations = 0;

      template <typename Visitor, typename Self>
      static void describe(Visitor& visit, Self& m) {
        visit("mechanism", m.mechanism, always());
        visit("iterations", m.iterations, always());
      }
    };

    std::string user;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<Credential> credential_infos;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("user", m.user, always());
      visit("error_code", m.error_code, always());
      visit("error_message", m.error_message, always());
      visit("credential_infos", m.credential_infos, always());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::vector<Result> results;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("throttle_time_ms", m.throttle_time_ms, always());
    visit("error_code", m.error_code, always());
    visit("error_message", m.error_message, always());
    visit("results", m.results, always());
  }
};

}  // namespace ticklake::kafka
