#include "aws/signature_v4.h"

#include <algorithm>
#include <charconv>

#include "aws/timestamp.h"
#include "base/assert.h"
#include "base/split.h"
#include "base/trim.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kScopeEnd = "aws4_request";
constexpr std::string_view kSignatureParameter = "X-Amz-Signature";
constexpr size_t kDateCharacters = 8;

/// Runs of blanks become one; none at the ends.
std::string canonical_value(std::string_view value) {
  std::string out;
  bool is_blank_pending = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t') {
      is_blank_pending = !out.empty();
      continue;
    }
    if (is_blank_pending) out += ' ';
    is_blank_pending = false;
    out += c;
  }
  return out;
}

std::string canonical_header(const RequestView& request, std::string_view name) {
  std::string line(name);
  line += ':';
  bool is_first = true;
  for (const HeaderField& field : request.headers) {
    if (!is_same_ignoring_case(field.name, name)) continue;
    if (!is_first) line += ',';
    is_first = false;
    line += canonical_value(field.value);
  }
  line += '\n';
  return line;
}

std::optional<std::string> canonical_query(std::string_view text) {
  const auto query = parse_query(text);
  if (!query) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> encoded;
  encoded.reserve(query->size());
  for (const auto& [name, value] : *query) {
    if (name == kSignatureParameter) continue;
    encoded.emplace_back(percent_encoded(name), percent_encoded(value));
  }
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

/// RFC 3986's remove_dot_segments, and no empty segments.
std::string normalized_path(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : segments)
    out.append("/").append(segment);
  if (out.empty() || is_folder) out += '/';
  return out;
}

std::optional<std::string> canonical_path(std::string_view path, std::string_view service) {
  if (service != kS3Service) return percent_encoded_path(normalized_path(path));
  const auto decoded = percent_decoded(path);
  if (!decoded) return std::nullopt;
  return decoded->empty() ? "/" : percent_encoded_path(*decoded);
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::string string_to_sign(std::string_view timestamp, const CredentialScope& scope,
                           std::string_view canonical_request) {
  return std::string(kV4Algorithm)
      .append("\n")
      .append(timestamp)
      .append("\n")
      .append(scope.text())
      .append("\n")
      .append(sha256_hex(canonical_request));
}

std::string signature_of(std::string_view secret, const CredentialScope& scope,
                         std::string_view timestamp, std::string_view canonical_request) {
  const Sha256Digest key = v4_signing_key(secret, scope);
  return to_hex(hmac_sha256(key, string_to_sign(timestamp, scope, canonical_request)));
}

using base::trimmed;

bool is_hex_signature(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The parts that header and query have in common, still as text.
struct RawAuthorization {
  std::optional<std::string_view> credential;
  std::optional<std::string_view> signed_headers;
  std::optional<std::string_view> signature;
  std::optional<std::string_view> timestamp;
};

Answer<V4Authorization> parse_parts(const RawAuthorization& raw, ErrorKind malformed) {
  V4Authorization authorization;
  if (!raw.credential || !raw.signed_headers || !raw.signature) {
    return refuse(malformed, "The authorization requires Credential, SignedHeaders and Signature.");
  }
  // An access key id holds no '/', nor do date, region and service.
  const auto credential = base::split(*raw.credential, '/');
  const bool is_credential =
      credential.size() == 5 && credential.back() == kScopeEnd &&
      std::ranges::none_of(credential, [](std::string_view part) { return part.empty(); });
  if (!is_credential) {
    return refuse(malformed,
                  "The Credential is not of the form <access key id>/YYYYMMDD/<region>/<service>/"
                  "aws4_request.");
  }
  authorization.access_key_id = credential[0];
  authorization.scope = {std::string(credential[1]), std::string(credential[2]),
                         std::string(credential[3])};
  for (const std::string_view name : base::split(*raw.signed_headers, ';')) {
    if (name.empty() || authorization.signed_headers.size() == kSignedHeadersMax) {
      return refuse(malformed, "SignedHeaders is empty, has an empty name, or too many names.");
    }
    authorization.signed_headers.push_back(lower_case(name));
  }
  if (!std::ranges::count(authorization.signed_headers, "host")) {
    return refuse(malformed, "The header host must be among SignedHeaders.");
  }
  if (!is_hex_signature(*raw.signature)) {
    return refuse(malformed, "The Signature is not 64 hexadecimal digits in lower case.");
  }
  authorization.signature = *raw.signature;
  const auto signed_at = raw.timestamp ? parse_basic_time(*raw.timestamp) : std::nullopt;
  if (!signed_at) {
    return refuse(malformed, "The date must be given as X-Amz-Date: YYYYMMDD'T'HHMMSS'Z'.");
  }
  authorization.timestamp = *raw.timestamp;
  authorization.signed_at = *signed_at;
  if (authorization.scope.date != raw.timestamp->substr(0, kDateCharacters)) {
    return refuse(malformed, "The date of the Credential is not that of X-Amz-Date.");
  }
  return authorization;
}

Answer<void> check_time(const V4Authorization& authorization, base::WallTime now) {
  const auto age = now - authorization.signed_at;
  if (!authorization.is_presigned) {
    if (age <= kSkewMax && age >= -kSkewMax) return {};
    return refuse(ErrorKind::kRequestTimeTooSkewed,
                  "The difference between the request time (" + authorization.timestamp +
                      ") and the server's time (" + to_basic_time(now) + ") is too large.");
  }
  if (age < -kSkewMax) return refuse(ErrorKind::kAccessDenied, "Request is not yet valid.");
  if (age > authorization.expires) {
    return refuse(ErrorKind::kRequestExpired, "Request has expired.");
  }
  return {};
}

/// What a handler will read must not have been added on the way.
Answer<void> check_all_signed(const V4Authorization& authorization, const RequestView& request) {
  for (const HeaderField& field : request.headers) {
    if (field.name.size() < 6 || !is_same_ignoring_case(field.name.substr(0, 6), "x-amz-"))
      continue;
    const std::string name = lower_case(field.name);
    if (std::ranges::count(authorization.signed_headers, name)) continue;
    return refuse(ErrorKind::kAccessDenied,
                  "There were headers present in the request which were not signed: " + name);
  }
  return {};
}

std::vector<std::string> sorted_names(std::span<const HeaderField> headers) {
  std::vector<std::string> names;
  for (const HeaderField& field : headers)
    names.push_back(lower_case(field.name));
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  TICKLAKE_ASSERT(std::ranges::binary_search(names, std::string("host")));
  return names;
}

}  // namespace

std::string CredentialScope::text() const {
  return date + "/" + region + "/" + service + "/" + std::string(kScopeEnd);
}

Sha256Digest v4_signing_key(std::string_view secret_access_key, const CredentialScope& scope) {
  const std::string start = "AWS4" + std::string(secret_access_key);
  Sha256Digest key = hmac_sha256(base::as_bytes(start), scope.date);
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  return hmac_sha256(key, kScopeEnd);
}

Answer<V4Authorization> parse_v4_header(const RequestView& request) {
  TICKLAKE_ASSIGN(const auto header, single_header(request, "authorization"));
  TICKLAKE_ASSIGN(const auto date, single_header(request, "x-amz-date"));
  TICKLAKE_ASSIGN(const auto token, single_header(request, "x-amz-security-token"));
  std::string_view text = header.value_or("");
  if (!text.starts_with(kV4Algorithm) || !text.substr(kV4Algorithm.size()).starts_with(' ')) {
    return refuse(ErrorKind::kUnsupportedAuthorization,
                  "The authorization mechanism you have provided is not supported. Please use "
                  "AWS4-HMAC-SHA256.");
  }
  text.remove_prefix(kV4Algorithm.size() + 1);
  RawAuthorization raw;
  raw.timestamp = date;
  for (std::string_view part : base::split(text, ',')) {
    part = trimmed(part);
    const size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    auto* const field = name == "Credential"      ? &raw.credential
                        : name == "SignedHeaders" ? &raw.signed_headers
                        : name == "Signature"     ? &raw.signature
                                                  : nullptr;
    if (equals == std::string_view::npos || !field || *field) {
      return refuse(ErrorKind::kMalformedAuthorization,
                    "The Authorization header is not Credential=…, SignedHeaders=…, Signature=…");
    }
    *field = part.substr(equals + 1);
  }
  TICKLAKE_ASSIGN(V4Authorization authorization,
                  parse_parts(raw, ErrorKind::kMalformedAuthorization));
  authorization.session_token = token.value_or("");
  return authorization;
}

Answer<V4Authorization> parse_v4_query(const Query& query) {
  constexpr ErrorKind kMalformed = ErrorKind::kMalformedQueryAuthorization;
  RawAuthorization raw;
  std::optional<std::string_view> algorithm;
  std::optional<std::string_view> expires;
  std::optional<std::string_view> token;
  const std::initializer_list<std::pair<std::string_view, std::optional<std::string_view>*>> fields{
      {"X-Amz-Algorithm", &algorithm},
      {"X-Amz-Credential", &raw.credential},
      {"X-Amz-Date", &raw.timestamp},
      {"X-Amz-Expires", &expires},
      {"X-Amz-SignedHeaders", &raw.signed_headers},
      {kSignatureParameter, &raw.signature},
      {"X-Amz-Security-Token", &token}};
  for (const QueryParameter& parameter : query) {
    for (const auto& [name, field] : fields) {
      if (parameter.name != name) continue;
      if (*field) return refuse(kMalformed, std::string(name) + " is given twice.");
      *field = parameter.value;
    }
  }
  if (algorithm != kV4Algorithm) {
    return refuse(kMalformed, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\".");
  }
  int64_t seconds = 0;
  const std::string_view digits = expires.value_or("");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (error != std::errc{} || end != digits.data() + digits.size() || seconds < 1 ||
      seconds > kPresignedSecondsMax.count()) {
    return refuse(kMalformed, "X-Amz-Expires must be a number of seconds from 1 to 604800.");
  }
  TICKLAKE_ASSIGN(V4Authorization authorization, parse_parts(raw, kMalformed));
  authorization.is_presigned = true;
  authorization.expires = std::chrono::seconds{seconds};
  authorization.session_token = token.value_or("");
  return authorization;
}

Answer<void> check_v4(const V4Authorization& authorization, const RequestView& request,
                      std::string_view secret_access_key, std::string_view payload_hash,
                      base::WallTime now) {
  const auto canonical = v4_canonical_request(request, authorization.signed_headers, payload_hash,
                                              authorization.scope.service);
  if (!canonical) return refuse(ErrorKind::kInvalidUri, "Couldn't parse the specified URI.");
  const std::string expected =
      signature_of(secret_access_key, authorization.scope, authorization.timestamp, *canonical);
  // The signature first: who has no key learns nothing of the rest.
  if (!is_same_secret(expected, authorization.signature)) {
    return refuse(ErrorKind::kSignatureDoesNotMatch,
                  "The request signature we calculated does not match the signature you provided. "
                  "Check your key and signing method.");
  }
  TICKLAKE_TRY(check_time(authorization, now));
  return check_all_signed(authorization, request);
}

std::optional<std::string> v4_canonical_request(const RequestView& request,
                                                const std::vector<std::string>& signed_headers,
                                                std::string_view payload_hash,
                                                std::string_view service) {
  const auto [path, query_text] = split_target(request.target);
  const auto canonical = canonical_path(path, service);
  const auto query = canonical_query(query_text);
  if (!canonical || !query) return std::nullopt;
  std::string text(request.method);
  text.append("\n").append(*canonical).append("\n").append(*query).append("\n");
  for (const std::string& name : signed_headers)
    text += canonical_header(request, name);
  return text.append("\n").append(joined(signed_headers)).append("\n").append(payload_hash);
}

std::vector<NamedValue> sign_v4(const RequestView& request, const Credentials& credentials,
                                std::string_view region, std::string_view service,
                                std::string_view payload_hash, base::WallTime now) {
  const std::string timestamp = to_basic_time(now);
  const CredentialScope scope{timestamp.substr(0, kDateCharacters), std::string(region),
                              std::string(service)};
  std::vector<NamedValue> added{{"x-amz-date", timestamp}};
  if (service == kS3Service) added.emplace_back("x-amz-content-sha256", payload_hash);
  if (!credentials.session_token.empty()) {
    added.emplace_back("x-amz-security-token", credentials.session_token);
  }
  std::vector<HeaderField> headers(request.headers.begin(), request.headers.end());
  for (const auto& [name, value] : added)
    headers.push_back({name, value});
  const std::vector<std::string> names = sorted_names(headers);
  const auto canonical =
      v4_canonical_request({request.method, request.target, headers}, names, payload_hash, service);
  TICKLAKE_ASSERT(canonical);  // our own target decodes
  added.emplace_back("authorization",
                     std::string(kV4Algorithm) + " Credential=" + credentials.access_key_id + "/" +
                         scope.text() + ", SignedHeaders=" + joined(names) + ", Signature=" +
                         signature_of(credentials.secret_access_key, scope, timestamp, *canonical));
  return added;
}

std::string presign_v4(const RequestView& request, const Credentials& credentials,
                       std::string_view region, std::string_view service,
                       std::chrono::seconds expires, base::WallTime now) {
  const std::string timestamp = to_basic_time(now);
  const CredentialScope scope{timestamp.substr(0, kDateCharacters), std::string(region),
                              std::string(service)};
  const std::vector<std::string> names = sorted_names(request.headers);
  std::string target(request.target);
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += "X-Amz-Algorithm=" + std::string(kV4Algorithm) +
            "&X-Amz-Credential=" + percent_encoded(credentials.access_key_id + "/" + scope.text()) +
            "&X-Amz-Date=" + timestamp + "&X-Amz-Expires=" + std::to_string(expires.count()) +
            "&X-Amz-SignedHeaders=" + percent_encoded(joined(names));
  if (!credentials.session_token.empty()) {
    target += "&X-Amz-Security-Token=" + percent_encoded(credentials.session_token);
  }
  const std::string_view payload_hash = service == kS3Service ? kUnsignedPayload : kEmptySha256;
  const auto canonical =
      v4_canonical_request({request.method, target, request.headers}, names, payload_hash, service);
  TICKLAKE_ASSERT(canonical);
  return target + "&" + std::string(kSignatureParameter) + "=" +
         signature_of(credentials.secret_access_key, scope, timestamp, *canonical);
}

}  // namespace ticklake::aws
