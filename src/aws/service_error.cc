#include "aws/service_error.h"

#include <array>

#include "base/assert.h"

namespace ticklake::aws {
namespace {

struct Row {
  ErrorKind kind;
  WireError s3;
  WireError json;
  WireError query;
};

// Codes as the services document them under "Common errors"; clients act on them (AWS's guides
// "Error responses" of S3, "Common Errors" of Glue, Athena, STS and IAM).
constexpr auto kRows = std::to_array<Row>({
    {ErrorKind::kMissingAuthentication,
     {"AccessDenied", 403},
     {"MissingAuthenticationTokenException", 400},
     {"MissingAuthenticationToken", 403}},
    {ErrorKind::kUnsupportedAuthorization,
     {"InvalidRequest", 400},
     {"IncompleteSignatureException", 400},
     {"IncompleteSignature", 400}},
    {ErrorKind::kMalformedAuthorization,
     {"AuthorizationHeaderMalformed", 400},
     {"IncompleteSignatureException", 400},
     {"IncompleteSignature", 400}},
    {ErrorKind::kMalformedQueryAuthorization,
     {"AuthorizationQueryParametersError", 400},
     {"IncompleteSignatureException", 400},
     {"IncompleteSignature", 400}},
    {ErrorKind::kInvalidUri,
     {"InvalidURI", 400},
     {"SerializationException", 400},
     {"MalformedInput", 400}},
    {ErrorKind::kInvalidAccessKeyId,
     {"InvalidAccessKeyId", 403},
     {"UnrecognizedClientException", 400},
     {"InvalidClientTokenId", 403}},
    {ErrorKind::kSignatureDoesNotMatch,
     {"SignatureDoesNotMatch", 403},
     {"InvalidSignatureException", 400},
     {"SignatureDoesNotMatch", 403}},
    {ErrorKind::kRequestTimeTooSkewed,
     {"RequestTimeTooSkewed", 403},
     {"InvalidSignatureException", 400},
     {"SignatureDoesNotMatch", 403}},
    {ErrorKind::kRequestExpired,
     {"AccessDenied", 403},
     {"RequestExpired", 400},
     {"RequestExpired", 400}},
    {ErrorKind::kExpiredToken,
     {"ExpiredToken", 400},
     {"ExpiredTokenException", 400},
     {"ExpiredToken", 400}},
    {ErrorKind::kInvalidToken,
     {"InvalidToken", 400},
     {"UnrecognizedClientException", 400},
     {"InvalidClientTokenId", 403}},
    {ErrorKind::kAccessDenied,
     {"AccessDenied", 403},
     {"AccessDeniedException", 400},
     {"AccessDenied", 403}},
    {ErrorKind::kIncompleteBody,
     {"IncompleteBody", 400},
     {"SerializationException", 400},
     {"MalformedInput", 400}},
    {ErrorKind::kMalformedChunk,
     {"InvalidRequest", 400},
     {"SerializationException", 400},
     {"MalformedInput", 400}},
    {ErrorKind::kMalformedTrailer,
     {"MalformedTrailerError", 400},
     {"SerializationException", 400},
     {"MalformedInput", 400}},
    {ErrorKind::kBadDigest,
     {"BadDigest", 400},
     {"SerializationException", 400},
     {"MalformedInput", 400}},
    {ErrorKind::kInvalidDigest,
     {"InvalidDigest", 400},
     {"SerializationException", 400},
     {"MalformedInput", 400}},
    {ErrorKind::kContentSha256Mismatch,
     {"XAmzContentSHA256Mismatch", 400},
     {"InvalidSignatureException", 400},
     {"SignatureDoesNotMatch", 403}},
    {ErrorKind::kMalformedXml,
     {"MalformedXML", 400},
     {"SerializationException", 400},
     {"MalformedInput", 400}},
    {ErrorKind::kEntityTooLarge,
     {"EntityTooLarge", 400},
     {"RequestEntityTooLargeException", 413},
     {"RequestEntityTooLarge", 413}},
    {ErrorKind::kInvalidArgument,
     {"InvalidArgument", 400},
     {"ValidationException", 400},
     {"InvalidInput", 400}},
    {ErrorKind::kValidation,
     {"InvalidArgument", 400},
     {"ValidationException", 400},
     {"ValidationError", 400}},
    {ErrorKind::kNoSuchEntity,
     {"NoSuchKey", 404},
     {"EntityNotFoundException", 400},
     {"NoSuchEntity", 404}},
    {ErrorKind::kEntityAlreadyExists,
     {"InvalidArgument", 409},
     {"AlreadyExistsException", 400},
     {"EntityAlreadyExists", 409}},
    {ErrorKind::kDeleteConflict,
     {"InvalidArgument", 409},
     {"ConcurrentModificationException", 400},
     {"DeleteConflict", 409}},
    {ErrorKind::kLimitExceeded,
     {"InvalidArgument", 400},
     {"ResourceNumberLimitExceededException", 400},
     {"LimitExceeded", 409}},
    {ErrorKind::kMalformedPolicyDocument,
     {"MalformedPolicy", 400},
     {"ValidationException", 400},
     {"MalformedPolicyDocument", 400}},
    {ErrorKind::kUnmodifiableEntity,
     {"InvalidArgument", 400},
     {"ValidationException", 400},
     {"UnmodifiableEntity", 400}},
    {ErrorKind::kInternal,
     {"InternalError", 500},
     {"InternalServiceException", 500},
     {"ServiceFailure", 500}},
});

base::ErrorCode base_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNoSuchEntity: return base::ErrorCode::kNotFound;
    case ErrorKind::kEntityAlreadyExists: return base::ErrorCode::kAlreadyExists;
    case ErrorKind::kInternal: return base::ErrorCode::kIo;
    default: return base::ErrorCode::kInvalidArgument;
  }
}

}  // namespace

WireError wire_error(ErrorKind kind, Protocol protocol) {
  for (const Row& row : kRows) {
    if (row.kind != kind) continue;
    switch (protocol) {
      case Protocol::kS3: return row.s3;
      case Protocol::kJson: return row.json;
      case Protocol::kQuery: return row.query;
    }
  }
  TICKLAKE_ASSERT(false);
}

WireError wire_error(const ServiceError& error, Protocol protocol) {
  WireError wire = wire_error(error.kind, protocol);
  if (!error.code.empty()) wire.code = error.code;
  if (error.status != 0) wire.status = error.status;
  return wire;
}

base::Error to_base_error(const ServiceError& error, std::string_view what) {
  std::string cause = error.message;
  if (!error.cause.empty()) cause += cause.empty() ? error.cause : ": " + error.cause;
  return {base_code(error.kind), std::string(what), std::move(cause), {}, false};
}

}  // namespace ticklake::aws
