#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ticklake::base {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers = {};  ///< "Name: value"
  std::string body = {};
  std::chrono::milliseconds connect_time_max{5'000};
  std::chrono::milliseconds time_max{0};  ///< for all of it; 0: no limit
  std::stop_token stop = {};              ///< ends it with kInterrupted within a second
  /// Gets the body of a 2xx answer piece by piece, as it arrives; false ends the request without
  /// an error. If it is empty, or the status is another, the body is collected in the response.
  std::function<bool(std::string_view)> on_body = {};
  /// A body that grows larger, decompressed, is kInvalidData; 0: no limit.
  uint64_t body_bytes_max = 0;
  bool accepts_compressed = false;  ///< gzip and whatever else libcurl was built with
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; of several, the last, but
                                               ///< all of "link", with commas between
  std::string body;
};

/// One request over libcurl, connection and all. An answer of any status is a response; errors are
/// kUnavailable (nothing listens, no such name, the connection broke), kTimeout, kInterrupted and,
/// with body_bytes_max, kInvalidData.
/// Proxies of the environment are not used for loopback addresses. Certificates are those of the
/// machine, or of the PEM file that SSL_CERT_FILE names. Thread-safe.
Result<HttpResponse> send_http(const HttpRequest& request);

/// `text` percent-encoded for a URL's query.
std::string url_encoded(std::string_view text);

}  // namespace ticklake::base
