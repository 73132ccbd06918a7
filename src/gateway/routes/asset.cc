#include <algorithm>

#include <zlib.h>

#include "base/assert.h"
#include "gateway/assets.h"
#include "gateway/error_answer.h"
#include "gateway/routes.h"
#include "http/entity_tag.h"
#include "http/percent.h"

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

http::Response answer_asset(const http::Request& request) {
  const std::string path = http::percent_decode(request.raw_path()).value_or("");
  const auto assets = embedded_assets();
  const auto found = std::find_if(assets.begin(), assets.end(), [&](const Asset& asset) {
    return asset.path == (path == "/" ? "/index.html" : path);
  });
  if (found == assets.end()) {
    return error_answer({base::ErrorCode::kNotFound, "nothing is at " + path, "",
                         "/, /api/status, /api/tables, POST /api/query", false});
  }
  http::Response response = http::Response::of(200, found->content_type, {});
  response.fields.add("ETag", found->etag);
  response.fields.add("Vary", "Accept-Encoding");
  response.fields.add("Cache-Control",
                      found->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.fields.add("Content-Security-Policy",
                      "default-src 'self'; style-src 'self' 'unsafe-inline'; "
                      "img-src 'self' data:; frame-ancestors 'none'");
  if (http::matches_weakly(request.joined_field("If-None-Match"), found->etag)) {
    response.status = 304;
    return response;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(found->begin),
                               static_cast<size_t>(found->end - found->begin));
  if (http::accepts_coding(request.joined_field("Accept-Encoding"), "gzip")) {
    response.fields.add("Content-Encoding", "gzip");
    response.body = base::as_bytes(bytes);
  } else {
    response.body = gunzip(bytes);
  }
  return response;
}

}  // namespace ticklake::gateway
