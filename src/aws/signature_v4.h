#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/hash.h"
#include "aws/percent_encoding.h"
#include "aws/request_view.h"
#include "aws/service_error.h"
#include "base/clock.h"

namespace ticklake::aws {

/// AWS Signature Version 4, both ways; without I/O. Source: AWS's "Signature Version 4 for API
/// requests" and, for S3, "Authenticating Requests (AWS Signature Version 4)".

inline constexpr std::string_view kV4Algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr std::string_view kS3Service = "s3";
/// How far the clocks of client and server may be apart.
inline constexpr std::chrono::minutes kSkewMax{15};
inline constexpr std::chrono::seconds kPresignedSecondsMax{604'800};
inline constexpr size_t kSignedHeadersMax = 100;

/// What an application signs with. `session_token` is empty for a long-term key.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token = {};

  bool operator==(const Credentials&) const = default;
};

/// What a key is derived for. A server takes the client's word for the region.
struct CredentialScope {
  std::string date;  ///< `20261129`
  std::string region;
  std::string service;

  /// `20261129/eu-west-3/s3/aws4_request`
  std::string text() const;
  bool operator==(const CredentialScope&) const = default;
};

/// The key that signs requests and chunks of one scope.
Sha256Digest v4_signing_key(std::string_view secret_access_key, const CredentialScope& scope);

/// What a request says of its own signature; nothing of it is to be trusted before check_v4().
struct V4Authorization {
  bool is_presigned = false;  ///< in the query rather than in the header
  std::string access_key_id;
  std::string session_token;  ///< empty if there is none
  CredentialScope scope;
  std::vector<std::string> signed_headers;  ///< names in lower case, in the client's order
  std::string signature;                    ///< 64 hexadecimal digits
  std::string timestamp;                    ///< basic format, as it came
  base::WallTime signed_at;
  std::chrono::seconds expires{0};  ///< of presigned URLs: valid for so long from signed_at
};

/// Reads `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` (separated by
/// `,` with or without a space) and x-amz-date. Refuses a header that is there twice, a date that
/// is not the scope's, and signatures that leave out `host`.
Answer<V4Authorization> parse_v4_header(const RequestView& request);
/// Reads `X-Amz-Algorithm`, `-Credential`, `-Date`, `-Expires`, `-SignedHeaders`, `-Signature`.
/// `query` is the target's.
Answer<V4Authorization> parse_v4_query(const Query& query);

/// Whether the request was signed with `secret_access_key`, at a time that counts `now`. Every
/// header whose name starts with `x-amz-` must be among the signed ones. `payload_hash`: S3 takes
/// the value of x-amz-content-sha256 (or kUnsignedPayload for a presigned URL without it) and holds
/// the body against it later; for other services the SHA-256 of the body, in hex.
Answer<void> check_v4(const V4Authorization& authorization, const RequestView& request,
                      std::string_view secret_access_key, std::string_view payload_hash,
                      base::WallTime now);

/// The text whose hash is signed. For S3 the path is encoded once and otherwise as it came; for
/// other services `.`, `..` and `//` are resolved and the path as it came is encoded again. None if
/// the target does not decode. A header that is missing has an empty value.
std::optional<std::string> v4_canonical_request(const RequestView& request,
                                                const std::vector<std::string>& signed_headers,
                                                std::string_view payload_hash,
                                                std::string_view service);

using NamedValue = std::pair<std::string, std::string>;

/// Headers to add to a request so that it is signed: `x-amz-date`, for S3 `x-amz-content-sha256`,
/// with a token `x-amz-security-token`, and `authorization`. All that `request` has is signed; it
/// must have `host`, and its path and query must be percent-encoded already.
std::vector<NamedValue> sign_v4(const RequestView& request, const Credentials& credentials,
                                std::string_view region, std::string_view service,
                                std::string_view payload_hash, base::WallTime now);

/// The target with the parameters that make it a presigned one. All headers of `request` are
/// signed and must be sent as they are.
std::string presign_v4(const RequestView& request, const Credentials& credentials,
                       std::string_view region, std::string_view service,
                       std::chrono::seconds expires, base::WallTime now);

}  // namespace ticklake::aws
