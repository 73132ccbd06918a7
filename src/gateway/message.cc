#include "gateway/message.h"

#include <algorithm>

#include <arpa/inet.h>

#include "query/format.h"
#include "query/sql_token.h"

namespace ticklake::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Percent decoding (RFC 3986); '+' is a blank in the query only.
bool decode(std::string_view text, bool plus_is_blank, std::string& into) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      into += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      into += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return into.find('\0') == std::string::npos;
}

/// HOST of "HOST:PORT", "[::1]:PORT" or a bare name.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
  return query::to_lower(host.substr(0, host.rfind(':')));
}

bool is_address(const std::string& host) {
  in6_addr unused;
  return ::inet_pton(AF_INET, host.c_str(), &unused) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &unused) == 1;
}

}  // namespace

bool parse_target(std::string_view target, Request& request) {
  if (!target.starts_with('/')) return false;
  const size_t mark = target.find('?');
  if (!decode(target.substr(0, mark), false, request.path)) return false;
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string name;
    std::string value;
    const std::string_view raw_value = pair.substr(std::min(equals + 1, pair.size()));
    if (!decode(pair.substr(0, equals), true, name) || !decode(raw_value, true, value)) {
      return false;
    }
    request.query.emplace(std::move(name), std::move(value));
  }
  return true;
}

std::string error_json(const base::Error& error) {
  std::string json = "{\"error\":{\"what\":";
  query::append_json_string(error.what, json);
  json += ",\"cause\":";
  query::append_json_string(error.cause, json);
  json += ",\"advice\":";
  query::append_json_string(error.advice, json);
  return json + "}}";
}

int status_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidArgument:
    case base::ErrorCode::kInvalidData:
    case base::ErrorCode::kUnsupported: return 400;
    case base::ErrorCode::kPermission: return 403;
    case base::ErrorCode::kNotFound: return 404;
    case base::ErrorCode::kTimeout: return 504;
    case base::ErrorCode::kInterrupted:
    case base::ErrorCode::kUnavailable: return 503;
    case base::ErrorCode::kNoSpace: return 507;
    default: return 500;
  }
}

Response error_response(int status, const base::Error& error) {
  return {status, "application/json", error_json(error) + "\n"};
}

base::Result<void> check_sender(const Request& request,
                                const std::vector<std::string>& allowed_hosts) {
  const std::string host = request.header("host");
  const std::string name = host_name(host);
  const bool known =
      name == "localhost" || name.ends_with(".localhost") || is_address(name) ||
      std::find(allowed_hosts.begin(), allowed_hosts.end(), name) != allowed_hosts.end();
  if (!known) {
    return base::fail(base::ErrorCode::kPermission, "host '" + host + "' is not served here",
                      "a name that is not this machine's could be another site's page",
                      "use http://127.0.0.1 or http://localhost with the same port");
  }
  const std::string origin = request.header("origin");
  const size_t scheme = origin.find("://");
  if (!origin.empty() && (scheme == std::string::npos ||
                          query::to_lower(origin.substr(scheme + 3)) != query::to_lower(host))) {
    return base::fail(base::ErrorCode::kPermission, "requests from '" + origin + "' are refused",
                      "only pages that this server sent may use its API",
                      "open http://" + host + "/ instead");
  }
  return {};
}

}  // namespace ticklake::gateway
