#include "aws/client_endpoint.h"

#include <algorithm>

namespace ticklake::aws {
namespace {

constexpr std::string_view kEndpointVariable = "AWS_ENDPOINT_URL";

/// A region becomes part of a host's name.
bool is_region(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string default_url(const ServiceName& service, const std::string& region) {
  const char* const domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
  return std::string("https://").append(service.host).append(".").append(region) + domain;
}

/// Only a host and a port, for the path of the JSON protocol is "/".
bool is_endpoint_url(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view name = url.substr(0, scheme);
  const std::string_view host = url.substr(scheme + 3);
  return (name == "http" || name == "https") && !host.empty() &&
         host.find_first_of("/?#@ \t\r\n") == std::string_view::npos;
}

}  // namespace

base::Result<ClientEndpoint> client_endpoint(const ServiceName& service,
                                             const ClientSettings& settings,
                                             const Environment& environment,
                                             const std::optional<std::string>& region) {
  ClientEndpoint endpoint;
  endpoint.credentials = settings.credentials;
  endpoint.origin = settings.origin;
  endpoint.region = region ? *region : settings.region.value_or("");
  if (endpoint.region.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "cannot tell where " + std::string(service.title) + " is",
                      "neither the environment nor the profile names a region",
                      "set AWS_REGION, or say --region REGION");
  }
  if (!is_region(endpoint.region)) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "'" + endpoint.region + "' is no region of AWS", {},
                      "a name such as us-east-1");
  }
  std::string from = std::string(kEndpointVariable).append("_").append(service.variable);
  auto url = environment(from);
  if (!url) url = environment(from = kEndpointVariable);
  if (!url) {
    url = settings.endpoint_url;
    from = "endpoint_url";
  }
  endpoint.url = url ? *url : default_url(service, endpoint.region);
  while (endpoint.url.ends_with('/'))
    endpoint.url.pop_back();
  if (!is_endpoint_url(endpoint.url)) {
    return base::fail(base::ErrorCode::kInvalidArgument, "cannot use " + from,
                      "'" + endpoint.url + "' is no http:// or https:// address of a host",
                      "http://127.0.0.1:8090, or leave it out for AWS itself");
  }
  return endpoint;
}

}  // namespace ticklake::aws
