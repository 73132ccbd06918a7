#include "base/url.h"

#include <memory>

#include <curl/curl.h>

#include "base/assert.h"
#include "base/http_client.h"
#include "base/split.h"

namespace ticklake::base {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Url make_url() {
  Url url(curl_url(), &curl_url_cleanup);
  TICKLAKE_ASSERT(url != nullptr);
  return url;
}

/// Null if `text` is no URL with http or https.
Url parse(const std::string& text) {
  Url url = make_url();
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return {nullptr, nullptr};
  return url;
}

/// Empty if there is none.
std::string part_of(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owned(text, &curl_free);
  return text;
}

bool is_http(const Url& url) {
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  return scheme == "http" || scheme == "https";
}

}  // namespace

Result<std::string> resolve_url(const std::string& from, const std::string& link) {
  const Url url = parse(from);
  const bool is_url = url && curl_url_set(url.get(), CURLUPART_URL, link.c_str(), 0) == CURLUE_OK;
  if (!is_url || !is_http(url)) {
    return fail(ErrorCode::kInvalidArgument, "a link that is no http or https address",
                "it was found in what " + url_without_query(from) + " answered");
  }
  return part_of(url, CURLUPART_URL);
}

std::string url_origin(const std::string& text) {
  const Url url = parse(text);
  if (!url || !is_http(url)) return {};
  std::string host = part_of(url, CURLUPART_HOST);
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return part_of(url, CURLUPART_SCHEME) + "://" + host + ":" +
         part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string url_without_query(const std::string& text) {
  const Url url = parse(text);
  if (!url) return {};
  for (const CURLUPart part :
       {CURLUPART_QUERY, CURLUPART_FRAGMENT, CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS})
    curl_url_set(url.get(), part, nullptr, 0);
  return part_of(url, CURLUPART_URL);
}

std::string with_query_parameter(const std::string& text, std::string_view name,
                                 const std::optional<std::string>& value) {
  const Url url = parse(text);
  if (!url) return text;
  const std::string encoded = url_encoded(name);
  std::string query;
  const auto add = [&](std::string_view pair) {
    if (!query.empty()) query += '&';
    query += pair;
  };
  const std::string before = part_of(url, CURLUPART_QUERY);
  for (const std::string_view pair : split(before, '&')) {
    const std::string_view known = pair.substr(0, pair.find('='));
    if (known != name && known != encoded && !pair.empty()) add(pair);
  }
  if (value) add(encoded + "=" + url_encoded(*value));
  curl_url_set(url.get(), CURLUPART_QUERY, query.empty() ? nullptr : query.c_str(), 0);
  return part_of(url, CURLUPART_URL);
}

}  // namespace ticklake::base
