#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

inline constexpr Api kApiVersionsApi{ApiKey::kApiVersions, "ApiVersions", 0, 4, 3};

struct ApiVersionsResponse;

struct ApiVersionsRequest {
  static constexpr const Api& kApi = kApiVersionsApi;
  using Response = ApiVersionsResponse;

  std::string client_software_name;
  std::string client_software_version;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("client_software_name", m.client_software_name, since(3));
    visit("client_software_version", m.client_software_version, since(3));
  }
};

/// To a request of an unknown version the answer is version 0 with kUnsupportedVersion.
struct ApiVersionsResponse {
  static constexpr const Api& kApi = kApiVersionsApi;

  struct ApiVersion {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;

    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("api_key", m.api_key, always());
      visit("min_version", m.min_version, always());
      visit("max_version", m.max_version, always());
    }
  };
  struct SupportedFeature {
    std::string name;
    int16_t min_version = 0;
    int16_t max_version = 0;

    bool operator==(const SupportedFeature&) const = default;
    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("min_version", m.min_version, always());
      visit("max_version", m.max_version, always());
    }
  };
  struct FinalizedFeature {
    std::string name;
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;

    bool operator==(const FinalizedFeature&) const = default;
    template <typename Visitor, typename Self>
    static void describe(Visitor& visit, Self& m) {
      visit("name", m.name, always());
      visit("max_version_level", m.max_version_level, always());
      visit("min_version_level", m.min_version_level, always());
    }
  };

  ErrorCode error_code = ErrorCode::kNone;
  std::vector<ApiVersion> api_keys;
  int32_t throttle_time_ms = 0;
  std::vector<SupportedFeature> supported_features;
  int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeature> finalized_features;
  bool zk_migration_ready = false;

  template <typename Visitor, typename Self>
  static void describe(Visitor& visit, Self& m) {
    visit("error_code", m.error_code, always());
    visit("api_keys", m.api_keys, always());
    visit("throttle_time_ms", m.throttle_time_ms, since(1));
    visit("supported_features", m.supported_features, tagged(0, 3));
    visit("finalized_features_epoch", m.finalized_features_epoch, tagged(1, 3, -1));
    visit("finalized_features", m.finalized_features, tagged(2, 3));
    visit("zk_migration_ready", m.zk_migration_ready, tagged(3, 3));
  }
};

}  // namespace ticklake::kafka
