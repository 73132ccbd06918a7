#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "aws/access_control.h"
#include "aws/chunked_payload.h"
#include "aws/request_view.h"
#include "aws/signature_v2.h"
#include "aws/signature_v4.h"

namespace ticklake::aws {

/// How a request says who sent it, before anything of it is believed.
class RequestAuthorization {
 public:
  /// None for a request that is not signed at all. Reads the Authorization header, or the query of
  /// a presigned URL; both at once are refused.
  static Answer<std::optional<RequestAuthorization>> parse(const RequestView& request);

  const std::string& access_key_id() const;
  const std::string& session_token() const;
  /// Of the credential scope: `s3`, `glue`, …; V2 is S3's only, and has no region.
  std::string_view service() const;
  std::string_view region() const;
  bool is_presigned() const { return !v4_ || v4_->is_presigned; }

  const std::optional<V4Authorization>& v4() const { return v4_; }
  const std::optional<V2Authorization>& v2() const { return v2_; }

 private:
  std::optional<V4Authorization> v4_;
  std::optional<V2Authorization> v2_;
};

/// A request whose head is proved.
struct AuthenticatedRequest {
  Principal principal;
  std::string service;
  std::string region;  ///< empty for V2
  /// How the body comes, for S3. kHashed: it must have the SHA-256 `payload_hash`, which the head's
  /// signature covers.
  PayloadForm payload = PayloadForm::kUnsigned;
  std::string payload_hash;
  /// With signed chunks: for ChunkedPayloadOptions.
  std::optional<ChunkSigning> chunk_signing;
};

/// All of it: parse, find the key, check the signature and the time. For S3 the body is not needed
/// (what it must be is in the result); for other services `body_sha256` is that of the body, in
/// hex. `bucket_of_host` as for check_v2(). Without a signature kMissingAuthentication.
Answer<AuthenticatedRequest> authenticate_request(const RequestView& request,
                                                  std::string_view body_sha256,
                                                  std::string_view bucket_of_host,
                                                  const AccessControl& access, base::WallTime now);

}  // namespace ticklake::aws
