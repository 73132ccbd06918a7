#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "base/result.h"

namespace ticklake::aws {

/// What an AWS service may refuse. The name and the status on the wire depend on the protocol:
/// wire_error() says them.
enum class ErrorKind : uint8_t {
  // Who is it?
  kMissingAuthentication,        ///< the request is not signed at all
  kUnsupportedAuthorization,     ///< signed by a scheme that is not served
  kMalformedAuthorization,       ///< the Authorization header does not parse
  kMalformedQueryAuthorization,  ///< likewise the query parameters of a presigned URL
  kInvalidUri,
  kInvalidAccessKeyId,
  kSignatureDoesNotMatch,
  kRequestTimeTooSkewed,  ///< signed more than 15 minutes from now
  kRequestExpired,        ///< a presigned URL after its end
  kExpiredToken,
  kInvalidToken,
  kAccessDenied,
  // Is the body what was signed?
  kIncompleteBody,         ///< shorter or longer than announced, or cut
  kMalformedChunk,         ///< aws-chunked framing does not parse
  kMalformedTrailer,       ///< a trailing header is missing, unknown or not announced
  kBadDigest,              ///< a checksum or Content-MD5 differs
  kInvalidDigest,          ///< a checksum or Content-MD5 is no value of its kind
  kContentSha256Mismatch,  ///< x-amz-content-sha256 differs from the body
  kMalformedXml,
  kEntityTooLarge,
  // May it be, and is it there?
  kInvalidArgument,
  kValidation,
  kNoSuchEntity,
  kEntityAlreadyExists,
  kDeleteConflict,
  kLimitExceeded,
  kMalformedPolicyDocument,
  kUnmodifiableEntity,
  kInternal,  ///< our own disk failed; `cause` is for the log
};

/// The families of AWS's wire formats: S3's XML, JSON 1.1 (Glue, Athena), query (STS, IAM).
enum class Protocol : uint8_t { kS3, kJson, kQuery };

/// What is sent to a client that is refused.
struct WireError {
  std::string_view code;  ///< `SignatureDoesNotMatch`, `InvalidClientTokenId`, …
  int status;
};
WireError wire_error(ErrorKind kind, Protocol protocol);

/// A refusal as AWS words it. `message` goes to the client; `cause` only to the log, since it may
/// name files of this machine.
struct [[nodiscard]] ServiceError {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::string cause = {};
  /// What a service calls it itself, as it is on the wire: "CrawlerRunningException". Empty: the
  /// code of the kind.
  std::string code = {};
  int status = 0;  ///< on the wire, with `code`; 0: that of the kind
  /// What clients are told besides: {"AthenaErrorCode", "…"}, {"BucketName", "…"}.
  std::vector<std::pair<std::string, std::string>> members = {};

  bool operator==(const ServiceError&) const = default;
};

/// Its own code and status before those of its kind; valid as long as the error.
WireError wire_error(const ServiceError& error, Protocol protocol);

/// The value, or what the client is told. Works with TICKLAKE_TRY and TICKLAKE_ASSIGN.
template <typename T>
using Answer = tl::expected<T, ServiceError>;

[[nodiscard]] inline tl::unexpected<ServiceError> refuse(ErrorKind kind, std::string message) {
  return tl::unexpected(ServiceError{kind, std::move(message)});
}
/// A refusal that the service names itself: "EntityNotFoundException", "NoSuchBucket".
[[nodiscard]] inline tl::unexpected<ServiceError> refuse_as(
    std::string code, std::string message, int status = 400,
    ErrorKind kind = ErrorKind::kInvalidArgument) {
  return tl::unexpected(ServiceError{kind, std::move(message), {}, std::move(code), status, {}});
}

/// For the command line, which has no client: the same as one of our own errors.
base::Error to_base_error(const ServiceError& error, std::string_view what);

}  // namespace ticklake::aws
