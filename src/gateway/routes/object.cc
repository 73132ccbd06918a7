// GET /api/buckets/{bucket}/object?key=…: an object to be saved. The key is in the query, since
// browsers take ".." and "//" out of paths.
//
// Whoever may put objects decides about their bytes and their Content-Type, and the answer comes
// from the page's own origin: so it is always an attachment of no type, in a sandbox.

#include "gateway/error_answer.h"
#include "gateway/room_answer.h"
#include "gateway/routes.h"
#include "http/percent.h"

namespace ticklake::gateway {
namespace {

/// The key's last part, by which a browser saves it.
std::string_view file_name(std::string_view key) {
  while (key.ends_with('/'))
    key.remove_suffix(1);
  const std::string_view name = key.substr(key.rfind('/') + 1);
  return name.empty() ? "object" : name;
}

base::Result<http::Response> object_answer(const Context& context, const http::Request& request) {
  TICKLAKE_ASSIGN(lake::BucketStore* const store, served(context.options.parts.buckets, "buckets"));
  const auto key = http::query_value(request.raw_query(), "key");
  if (!key) {
    return base::fail(base::ErrorCode::kInvalidArgument, "no object is named", "",
                      "?key=KEY, percent-encoded");
  }
  TICKLAKE_ASSIGN(lake::OpenObject object, store->open_object(request.parameter("bucket"), *key));
  http::Response response;
  response.fields.add("Content-Type", "application/octet-stream");
  response.fields.add("Content-Disposition",
                      "attachment; filename*=UTF-8''" + http::percent_encode(file_name(*key)));
  response.fields.add("Content-Security-Policy", "sandbox; default-src 'none'");
  response.body = base::FileRegion{std::move(object.file), 0, object.head.bytes};
  return response;
}

}  // namespace

http::Task<http::Response> answer_object(Context& context, http::Exchange& exchange) {
  return answer_work(context, exchange, [&context, &request = exchange.request()] {
    auto found = object_answer(context, request);
    return found ? std::move(*found) : error_answer(found.error());
  });
}

}  // namespace ticklake::gateway
