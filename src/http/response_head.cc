#include "http/response_head.h"

#include <iterator>

#include <boost/beast/http/status.hpp>
#include <fmt/compile.h>
#include <fmt/format.h>

namespace ticklake::http {

BodyFraming framing_of(const Response& response, Version version) {
  if (response.status < 200 || response.status == 204 || response.status == 304)
    return BodyFraming::kNone;
  if (response.length()) return BodyFraming::kLength;
  return version == Version::kHttp11 ? BodyFraming::kChunked : BodyFraming::kUntilClose;
}

void append_head(const Response& response, BodyFraming framing, Version version, bool keeps_alive,
                 std::string_view date, std::string& into) {
  const auto out = std::back_inserter(into);
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  fmt::format_to(out, FMT_COMPILE("HTTP/1.1 {} {}\r\n"), response.status,
                 std::string_view(reason.data(), reason.size()));
  if (!response.fields.find("Date")) into.append("Date: ").append(date).append("\r\n");
  into.append(response.fields.text());
  if (framing == BodyFraming::kLength)
    fmt::format_to(out, FMT_COMPILE("Content-Length: {}\r\n"), *response.length());
  if (framing == BodyFraming::kChunked) into.append("Transfer-Encoding: chunked\r\n");
  if (!keeps_alive) into.append("Connection: close\r\n");
  if (keeps_alive && version == Version::kHttp10) into.append("Connection: keep-alive\r\n");
  into.append("\r\n");
}

}  // namespace ticklake::http
