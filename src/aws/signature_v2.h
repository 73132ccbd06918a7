#pragma once

#include <string>
#include <string_view>

#include "aws/percent_encoding.h"
#include "aws/request_view.h"
#include "aws/service_error.h"
#include "aws/signature_v4.h"
#include "base/clock.h"

namespace ticklake::aws {

/// AWS Signature Version 2 of S3, in the query only: what boto3's generate_presigned_url makes in
/// the older regions unless it is told otherwise. HMAC-SHA1 over method, Content-MD5, Content-Type,
/// Expires, the x-amz- headers and the resource. Source: AWS's "Signing and authenticating REST
/// requests (AWS signature version 2)". Without I/O.
///
/// The signature does not cover query parameters other than S3's sub-resources and response-*.

/// What a presigned URL says of its own signature; not to be trusted before check_v2().
struct V2Authorization {
  std::string access_key_id;
  std::string session_token;  ///< empty if there is none
  std::string signature;      ///< base64
  std::string expires;        ///< seconds since 1970, as it came
  base::WallTime expires_at;
};

/// Reads `AWSAccessKeyId`, `Signature`, `Expires` and `x-amz-security-token`.
Answer<V2Authorization> parse_v2_query(const Query& query);

/// `bucket_of_host`: empty for path style; of `bucket.example.com` the bucket, which is part of the
/// resource though the path does not have it.
Answer<void> check_v2(const V2Authorization& authorization, const RequestView& request,
                      std::string_view bucket_of_host, std::string_view secret_access_key,
                      base::WallTime now);

/// None if the query does not decode. Parameters named x-amz-…, content-type and content-md5 stand
/// for headers, as boto3 sends them.
std::optional<std::string> v2_string_to_sign(const RequestView& request,
                                             std::string_view bucket_of_host,
                                             std::string_view expires);

/// The target with the parameters that make it a presigned one, valid until `expires_at`. Headers
/// that are signed (x-amz-…, content-type, content-md5) become parameters, as with boto3.
std::string presign_v2(const RequestView& request, std::string_view bucket_of_host,
                       const Credentials& credentials, base::WallTime expires_at);

}  // namespace ticklake::aws
