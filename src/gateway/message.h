#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ticklake::gateway {

/// An HTTP request, free of the library that read it.
struct Request {
  std::string method;
  std::string path;                               ///< decoded, without the query
  std::multimap<std::string, std::string> query;  ///< decoded
  std::map<std::string, std::string> headers;     ///< names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
  std::string parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::shared_ptr<void> memory = {};  ///< of the body, in a budget; free when the last copy is gone
};

/// Fills path and query of `request` from "/path?name=value&…"; false if it is no such thing.
bool parse_target(std::string_view target, Request& request);

/// {"error":{"what","cause","advice"}}
std::string error_json(const base::Error& error);
/// The HTTP status that says the same as an error's code.
int status_of(base::ErrorCode code);
Response error_response(int status, const base::Error& error);

/// Refuses what a page of another site could have made a browser send: a Host that is neither an
/// address, localhost nor one of `allowed_hosts` (DNS rebinding), an Origin that is not the Host.
base::Result<void> check_sender(const Request& request,
                                const std::vector<std::string>& allowed_hosts);

}  // namespace ticklake::gateway
