#include "http/response.h"

namespace ticklake::http {

Response Response::of(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.fields.add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

std::optional<uint64_t> Response::length() const {
  if (length_of_get) return length_of_get;
  if (const auto* const text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* const view = std::get_if<base::ByteView>(&body)) return view->size();
  if (const auto* const region = std::get_if<base::FileRegion>(&body)) return region->size;
  return std::get<BodyStream>(body).length;
}

}  // namespace ticklake::http
