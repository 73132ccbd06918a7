#include "aws/signature_v2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/assert.h"
#include "base/base64.h"
#include "base/trim.h"

namespace ticklake::aws {
namespace {

/// Parameters that are part of the resource, sorted: AWS's list, with what clients sign besides.
constexpr auto kSubresources = std::to_array<std::string_view>({"accelerate",
                                                                "acl",
                                                                "analytics",
                                                                "cors",
                                                                "defaultObjectAcl",
                                                                "delete",
                                                                "inventory",
                                                                "lifecycle",
                                                                "location",
                                                                "logging",
                                                                "metrics",
                                                                "notification",
                                                                "object-lock",
                                                                "partNumber",
                                                                "policy",
                                                                "replication",
                                                                "requestPayment",
                                                                "response-cache-control",
                                                                "response-content-disposition",
                                                                "response-content-encoding",
                                                                "response-content-language",
                                                                "response-content-type",
                                                                "response-expires",
                                                                "restore",
                                                                "select",
                                                                "select-type",
                                                                "storageClass",
                                                                "tagging",
                                                                "torrent",
                                                                "uploadId",
                                                                "uploads",
                                                                "versionId",
                                                                "versioning",
                                                                "versions",
                                                                "website"});
static_assert(std::ranges::is_sorted(kSubresources));

/// Most seconds since 1970 that a WallTime can be, about the year 2262.
constexpr int64_t kUnixSecondsMax = 9'223'372'035;

bool is_signed_header(std::string_view lower_name) {
  return lower_name.starts_with("x-amz-") || lower_name == "content-md5" ||
         lower_name == "content-type";
}

using base::trimmed;

/// By name; what the query says of a header stands in front of the header itself.
using SignedHeaders = std::map<std::string, std::string>;

std::optional<SignedHeaders> signed_headers(const RequestView& request) {
  const auto query = parse_query(split_target(request.target).second);
  if (!query) return std::nullopt;
  SignedHeaders headers;
  for (const HeaderField& field : request.headers) {
    const std::string name = lower_case(field.name);
    if (!is_signed_header(name)) continue;
    const auto [at, is_new] = headers.try_emplace(name, trimmed(field.value));
    if (!is_new) at->second.append(",").append(trimmed(field.value));
  }
  for (const QueryParameter& parameter : *query) {
    const std::string name = lower_case(parameter.name);
    if (!is_signed_header(name)) continue;
    const auto [at, is_new] = headers.try_emplace(name, trimmed(parameter.value));
    // Two that say different things: neither could be trusted.
    if (!is_new && at->second != trimmed(parameter.value)) return std::nullopt;
  }
  return headers;
}

/// A parameter without '=' is written without it; values are decoded.
std::string canonical_subresources(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string>> found;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = part.substr(0, equals);
    if (!std::ranges::binary_search(kSubresources, name)) continue;
    std::string text(name);
    if (equals < part.size()) {
      const auto value = parse_query(part);
      text.append("=").append(value && !value->empty() ? value->front().value : "");
    }
    found.emplace_back(name, std::move(text));
  }
  std::ranges::sort(found);
  std::string out;
  for (const auto& [name, text] : found)
    out.append(out.empty() ? "?" : "&").append(text);
  return out;
}

std::string signature_of(std::string_view secret, std::string_view string_to_sign) {
  return base::to_base64(hmac_sha1(base::as_bytes(secret), string_to_sign));
}

}  // namespace

Answer<V2Authorization> parse_v2_query(const Query& query) {
  constexpr ErrorKind kMalformed = ErrorKind::kMalformedQueryAuthorization;
  std::optional<std::string> key, signature, expires, token;
  for (const QueryParameter& parameter : query) {
    auto* const field = parameter.name == "AWSAccessKeyId"                              ? &key
                        : parameter.name == "Signature"                                 ? &signature
                        : parameter.name == "Expires"                                   ? &expires
                        : is_same_ignoring_case(parameter.name, "x-amz-security-token") ? &token
                                                                                        : nullptr;
    if (!field) continue;
    if (*field) return refuse(kMalformed, parameter.name + " is given twice.");
    *field = parameter.value;
  }
  if (!key || key->empty() || !signature || !expires) {
    return refuse(kMalformed,
                  "Query-string authentication requires the Signature, Expires and "
                  "AWSAccessKeyId parameters.");
  }
  int64_t seconds = 0;
  const auto [end, error] =
      std::from_chars(expires->data(), expires->data() + expires->size(), seconds);
  if (error != std::errc{} || end != expires->data() + expires->size() || seconds < 0 ||
      seconds > kUnixSecondsMax) {
    return refuse(kMalformed, "Expires must be a number of seconds since 1970.");
  }
  return V2Authorization{std::move(*key), token.value_or(""), std::move(*signature),
                         std::move(*expires), base::WallTime{std::chrono::seconds{seconds}}};
}

Answer<void> check_v2(const V2Authorization& authorization, const RequestView& request,
                      std::string_view bucket_of_host, std::string_view secret_access_key,
                      base::WallTime now) {
  const auto text = v2_string_to_sign(request, bucket_of_host, authorization.expires);
  if (!text || !is_same_secret(signature_of(secret_access_key, *text), authorization.signature)) {
    return refuse(ErrorKind::kSignatureDoesNotMatch,
                  "The request signature we calculated does not match the signature you provided. "
                  "Check your key and signing method.");
  }
  if (now > authorization.expires_at) {
    return refuse(ErrorKind::kRequestExpired, "Request has expired.");
  }
  return {};
}

std::optional<std::string> v2_string_to_sign(const RequestView& request,
                                             std::string_view bucket_of_host,
                                             std::string_view expires) {
  auto headers = signed_headers(request);
  if (!headers) return std::nullopt;
  const auto taken = [&](const char* name) {
    const auto node = headers->extract(name);
    return node ? node.mapped() : std::string();
  };
  std::string text(request.method);
  text.append("\n").append(taken("content-md5"));
  text.append("\n").append(taken("content-type"));
  text.append("\n").append(expires).append("\n");
  for (const auto& [name, value] : *headers)
    text.append(name).append(":").append(value).append("\n");
  const auto [path, query] = split_target(request.target);
  if (!bucket_of_host.empty()) text.append("/").append(bucket_of_host);
  text.append(path);
  // A bucket by itself is signed with its slash, also when the path comes without.
  if (path.rfind('/') == 0 && path.size() > 1 && bucket_of_host.empty()) text += '/';
  return text.append(canonical_subresources(query));
}

std::string presign_v2(const RequestView& request, std::string_view bucket_of_host,
                       const Credentials& credentials, base::WallTime expires_at) {
  const std::string expires = std::to_string(
      std::chrono::floor<std::chrono::seconds>(expires_at).time_since_epoch().count());
  std::string target(request.target);
  const auto add = [&target](std::string_view name, std::string_view value) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    target.append(name).append("=").append(percent_encoded(value));
  };
  for (const HeaderField& field : request.headers) {
    const std::string name = lower_case(field.name);
    if (is_signed_header(name)) add(name, field.value);
  }
  if (!credentials.session_token.empty()) add("x-amz-security-token", credentials.session_token);
  const auto text = v2_string_to_sign({request.method, target, {}}, bucket_of_host, expires);
  TICKLAKE_ASSERT(text);
  add("AWSAccessKeyId", credentials.access_key_id);
  add("Expires", expires);
  add("Signature", signature_of(credentials.secret_access_key, *text));
  return target;
}

}  // namespace ticklake::aws
