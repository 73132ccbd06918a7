#include "aws/request_authentication.h"

#include <algorithm>

#include "base/assert.h"

namespace ticklake::aws {
namespace {

bool has(const Query& query, std::string_view name) {
  return std::ranges::find(query, name, &QueryParameter::name) != query.end();
}

struct Payload {
  PayloadForm form = PayloadForm::kUnsigned;
  std::string hash;
};

/// What the head's signature takes for the body.
Answer<Payload> payload_of(const RequestView& request, const RequestAuthorization& authorization,
                           std::string_view body_sha256) {
  if (authorization.service() != kS3Service) {
    return Payload{PayloadForm::kHashed, std::string(body_sha256)};
  }
  TICKLAKE_ASSIGN(const auto header, single_header(request, "x-amz-content-sha256"));
  if (!header) {
    if (authorization.is_presigned()) {
      return Payload{PayloadForm::kUnsigned, std::string(kUnsignedPayload)};
    }
    return refuse(ErrorKind::kUnsupportedAuthorization,
                  "Missing required header for this request: x-amz-content-sha256");
  }
  TICKLAKE_ASSIGN(const PayloadForm form, parse_payload_form(*header));
  // Chunks are signed from the header's signature on; V2 knows no chunks at all.
  if (authorization.is_presigned() && has_signed_chunks(form)) {
    return refuse(ErrorKind::kUnsupportedAuthorization,
                  "A presigned URL cannot be used with signed chunks.");
  }
  return Payload{form, std::string(*header)};
}

}  // namespace

Answer<std::optional<RequestAuthorization>> RequestAuthorization::parse(
    const RequestView& request) {
  const auto query = parse_query(split_target(request.target).second);
  if (!query) return refuse(ErrorKind::kInvalidUri, "Couldn't parse the specified URI.");
  TICKLAKE_ASSIGN(const auto header, single_header(request, "authorization"));
  const bool is_v4_query = has(*query, "X-Amz-Algorithm") || has(*query, "X-Amz-Signature");
  const bool is_v2_query = has(*query, "AWSAccessKeyId") || has(*query, "Signature");
  const int forms = (header ? 1 : 0) + (is_v4_query ? 1 : 0) + (is_v2_query ? 1 : 0);
  if (forms == 0) return std::nullopt;
  if (forms > 1) {
    return refuse(ErrorKind::kInvalidArgument,
                  "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                  "Signature query string parameter or the Authorization header should be "
                  "specified.");
  }
  RequestAuthorization authorization;
  if (is_v2_query) {
    TICKLAKE_ASSIGN(authorization.v2_, parse_v2_query(*query));
  } else {
    TICKLAKE_ASSIGN(authorization.v4_,
                    is_v4_query ? parse_v4_query(*query) : parse_v4_header(request));
  }
  return authorization;
}

const std::string& RequestAuthorization::access_key_id() const {
  return v4_ ? v4_->access_key_id : v2_->access_key_id;
}

const std::string& RequestAuthorization::session_token() const {
  return v4_ ? v4_->session_token : v2_->session_token;
}

std::string_view RequestAuthorization::service() const {
  return v4_ ? std::string_view(v4_->scope.service) : kS3Service;
}

std::string_view RequestAuthorization::region() const {
  return v4_ ? std::string_view(v4_->scope.region) : std::string_view();
}

Answer<AuthenticatedRequest> authenticate_request(const RequestView& request,
                                                  std::string_view body_sha256,
                                                  std::string_view bucket_of_host,
                                                  const AccessControl& access, base::WallTime now) {
  TICKLAKE_ASSIGN(const auto parsed, RequestAuthorization::parse(request));
  if (!parsed)
    return refuse(ErrorKind::kMissingAuthentication, "Request is missing Authentication Token");
  const RequestAuthorization& authorization = *parsed;
  TICKLAKE_ASSIGN(auto identified, access.authenticate(authorization.access_key_id(),
                                                       authorization.session_token()));
  TICKLAKE_ASSIGN(Payload payload, payload_of(request, authorization, body_sha256));
  const std::string& secret = identified.secret_access_key;
  const auto& v4 = authorization.v4();
  if (v4) {
    TICKLAKE_TRY(check_v4(*v4, request, secret, payload.hash, now));
  } else {
    TICKLAKE_TRY(check_v2(*authorization.v2(), request, bucket_of_host, secret, now));
  }
  AuthenticatedRequest authenticated{std::move(identified.principal),
                                     std::string(authorization.service()),
                                     std::string(authorization.region()),
                                     payload.form,
                                     std::move(payload.hash),
                                     std::nullopt};
  if (v4 && has_signed_chunks(payload.form)) {
    authenticated.chunk_signing = ChunkSigning{v4_signing_key(secret, v4->scope), v4->timestamp,
                                               v4->scope.text(), v4->signature};
  }
  return authenticated;
}

}  // namespace ticklake::aws
