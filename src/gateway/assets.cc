#include "gateway/assets.h"

#include <algorithm>

#include <zlib.h>

#include "base/assert.h"

namespace ticklake::gateway {
namespace {

/// For clients that do not accept gzip. The input is our own, so that failing is a bug.
std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  TICKLAKE_ASSERT(inflateInit2(&stream, 15 + 32) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  int outcome = Z_OK;
  while (outcome == Z_OK) {
    char buffer[16 * 1024];
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    outcome = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer, sizeof buffer - stream.avail_out);
  }
  inflateEnd(&stream);
  TICKLAKE_ASSERT(outcome == Z_STREAM_END);
  return text;
}

}  // namespace

Response serve_asset(const Request& request) {
  const std::string path = request.path == "/" ? "/index.html" : request.path;
  const auto assets = embedded_assets();
  const auto found = std::find_if(assets.begin(), assets.end(),
                                  [&](const Asset& asset) { return asset.path == path; });
  if (found == assets.end()) {
    return error_response(404, {base::ErrorCode::kNotFound, "nothing is at " + request.path, "",
                                "/, /api/status, /api/tables, POST /api/query", false});
  }
  Response response{200, std::string(found->content_type), {}, {}};
  response.headers = {
      {"ETag", std::string(found->etag)},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", found->immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy",
       "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
       "frame-ancestors 'none'"}};
  if (request.header("if-none-match").find(found->etag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(found->begin),
                               static_cast<size_t>(found->end - found->begin));
  if (request.header("accept-encoding").find("gzip") != std::string::npos) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = bytes;
  } else {
    response.body = gunzip(bytes);
  }
  return response;
}

}  // namespace ticklake::gateway
