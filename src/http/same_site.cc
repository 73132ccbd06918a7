#include "http/same_site.h"

#include <algorithm>
#include <cctype>

#include <arpa/inet.h>

namespace ticklake::http {
namespace {

/// HOST of "HOST:PORT", "[::1]:PORT" or a bare name, in lower case.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
  std::string name(host.substr(0, host.rfind(':')));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

bool is_address(const std::string& host) {
  in6_addr unused;
  return ::inet_pton(AF_INET, host.c_str(), &unused) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &unused) == 1;
}

Failure forbidden(std::string what, std::string cause, std::string advice) {
  return {
      403,
      {base::ErrorCode::kPermission, std::move(what), std::move(cause), std::move(advice), false}};
}

std::optional<Failure> check(const Request& request,
                             const std::vector<std::string>& allowed_hosts) {
  const std::string host(request.host());
  const std::string name = host_name(host);
  const bool is_known = name == "localhost" || name.ends_with(".localhost") || is_address(name) ||
                        std::ranges::find(allowed_hosts, name) != allowed_hosts.end();
  if (!is_known) {
    return forbidden("host '" + host + "' is not served here",
                     "a name that is not this machine's could be another site's page",
                     "use http://127.0.0.1 or http://localhost with the same port");
  }
  const std::string origin = request.joined_field("Origin");
  const size_t scheme = origin.find("://");
  if (origin.empty() || (scheme != std::string::npos &&
                         equal_without_case(std::string_view(origin).substr(scheme + 3), host))) {
    return std::nullopt;
  }
  return forbidden("requests from '" + origin + "' are refused",
                   "only pages that this server sent may use its API",
                   "open http://" + host + "/ instead");
}

}  // namespace

Policy same_site(std::vector<std::string> allowed_hosts, AnswerFailure answer_failure) {
  return [hosts = std::move(allowed_hosts),
          answer = std::move(answer_failure)](Request& request) -> std::optional<Response> {
    const std::optional<Failure> failure = check(request, hosts);
    if (!failure) return std::nullopt;
    return answer(*failure, &request);
  };
}

}  // namespace ticklake::http
