// GET /api/buckets: all of them by name, a page at a time.
// GET /api/buckets/{bucket}/objects?prefix=…: what stands in one folder of it.
//
// {"folders": [prefixes], "items": [{key, bytes, modified, etag}], "next"}. Folders are what the
// keys below the prefix have up to their next '/'; they count as items of the page.

#include "gateway/room_answer.h"
#include "gateway/routes.h"
#include "http/percent.h"

namespace ticklake::gateway {
namespace {

base::Result<nlohmann::json> buckets_json(const Context& context, const std::string& from) {
  TICKLAKE_ASSIGN(lake::BucketStore* const store, served(context.options.parts.buckets, "buckets"));
  auto items = nlohmann::json::array();
  std::string next;
  for (const lake::Bucket& bucket : store->buckets()) {
    if (bucket.name < from) continue;
    if (items.size() == kPageItemsMax) {
      next = bucket.name;
      break;
    }
    nlohmann::json item = {{"name", bucket.name}, {"is_lake", bucket.is_lake}};
    if (!bucket.is_lake) item["created"] = time_json(bucket.created);
    items.push_back(std::move(item));
  }
  return page_json(std::move(items), next);
}

base::Result<nlohmann::json> objects_json(const Context& context, const http::Request& request) {
  TICKLAKE_ASSIGN(lake::BucketStore* const store, served(context.options.parts.buckets, "buckets"));
  lake::ListRequest list;
  list.prefix = http::query_value(request.raw_query(), "prefix").value_or("");
  list.delimiter = "/";
  // Where a page begins need not be UTF-8, and so travels encoded.
  list.from = http::percent_decode(page_token(request)).value_or("");
  list.entries_max = kPageItemsMax;
  TICKLAKE_ASSIGN(const lake::Listing listing, store->list(request.parameter("bucket"), list));
  auto items = nlohmann::json::array();
  for (const lake::ObjectEntry& object : listing.objects) {
    items.push_back({{"key", object.key},
                     {"bytes", object.bytes},
                     {"modified", time_json(object.modified)},
                     {"etag", object.etag}});
  }
  auto page = page_json(std::move(items), listing.next ? http::percent_encode(*listing.next) : "");
  page["folders"] = listing.common_prefixes;
  return page;
}

}  // namespace

http::Task<http::Response> answer_buckets(Context& context, http::Exchange& exchange) {
  return answer_look(context, exchange, [&context, &request = exchange.request()] {
    return buckets_json(context, page_token(request));
  });
}

http::Task<http::Response> answer_objects(Context& context, http::Exchange& exchange) {
  return answer_look(context, exchange, [&context, &request = exchange.request()] {
    return objects_json(context, request);
  });
}

}  // namespace ticklake::gateway
