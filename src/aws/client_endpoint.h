#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials_chain.h"
#include "base/result.h"

namespace ticklake::aws {

/// Which of AWS's services a client calls, and what the protocol calls it.
struct ServiceName {
  std::string_view title;     ///< for people: "Athena"
  std::string_view host;      ///< of its endpoint and its credential scope: "athena"
  std::string_view target;    ///< in front of X-Amz-Target's operation: "AmazonAthena"
  std::string_view variable;  ///< behind AWS_ENDPOINT_URL_: "ATHENA"
};
inline constexpr ServiceName kAthena{"Athena", "athena", "AmazonAthena", "ATHENA"};
inline constexpr ServiceName kGlue{"Glue", "glue", "AWSGlue", "GLUE"};

/// Where a client sends its requests, and what it signs them with.
struct ClientEndpoint {
  std::string url;     ///< `https://athena.eu-west-3.amazonaws.com`, without a '/' behind
  std::string region;  ///< of the signature
  Credentials credentials;
  std::string origin;  ///< where the keys are from, for messages
};

/// The URL is AWS_ENDPOINT_URL_ATHENA's, else AWS_ENDPOINT_URL's, else the profile's endpoint_url,
/// else AWS's own for the region. The region is `region`, else that of the settings. Source: AWS's
/// "Service-specific endpoints". kInvalidArgument if no region is known, or if the URL is none.
base::Result<ClientEndpoint> client_endpoint(const ServiceName& service,
                                             const ClientSettings& settings,
                                             const Environment& environment,
                                             const std::optional<std::string>& region = {});

}  // namespace ticklake::aws
