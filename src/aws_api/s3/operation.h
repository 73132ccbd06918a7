#pragma once

#include <string>
#include <string_view>

#include "aws/access_control.h"
#include "aws/request_authentication.h"
#include "aws/xml_writer.h"
#include "aws_api/s3/target.h"
#include "base/clock.h"
#include "http/exchange.h"
#include "http/response.h"
#include "lake/bucket_store.h"

namespace ticklake::aws_api::s3 {

inline constexpr std::string_view kXmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";
/// Where all buckets are, whatever region a client signs for.
inline constexpr std::string_view kRegion = "us-east-1";
/// The code of what should be tried again: by a thread that may wait, or by the client.
inline constexpr std::string_view kSlowDown = "SlowDown";
inline constexpr std::string_view kStorageClass = "STANDARD";

/// What an operation has: a request whose head is proved, and what it is served from.
struct Operation {
  http::Exchange& exchange;
  const aws::AuthenticatedRequest& caller;
  Target target;
  aws::RequestContext context;
  lake::BucketStore& store;
  const aws::AccessControl& access;
  const base::Clock& clock;
  /// Where it runs on the loop, at first.
  lake::BucketStore::Patience patience = lake::BucketStore::Patience::kWaits;

  const http::Request& request() const { return exchange.request(); }
  /// None without that field.
  std::optional<std::string_view> field(std::string_view name) const;

  /// kAccessDenied unless the caller's policies allow it.
  aws::Answer<void> allow(std::string_view action, std::string_view resource) const;
  bool is_allowed(std::string_view action, std::string_view resource) const;
  /// NoSuchBucket unless it is there.
  aws::Answer<void> check_bucket(const std::string& bucket) const;

  /// What the store says, in S3's words: of the bucket and key of the target.
  template <typename T>
  aws::Answer<T> told(base::Result<T> result) const {
    if (!result) return tl::unexpected(to_service_error(std::move(result).error()));
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return std::move(*result);
    }
  }
  /// Likewise where kNotFound is the upload's.
  template <typename T>
  aws::Answer<T> told_of_upload(base::Result<T> result) const {
    if (!result && result.error().code == base::ErrorCode::kNotFound) {
      TICKLAKE_TRY(check_bucket(target.bucket));
      return tl::unexpected(no_such_upload());
    }
    return told(std::move(result));
  }

 private:
  aws::ServiceError to_service_error(base::Error error) const;
  aws::ServiceError no_such_upload() const;
};

std::string bucket_arn(std::string_view bucket);
std::string object_arn(std::string_view bucket, std::string_view key);

aws::ServiceError no_such_key(std::string key);
/// 412; `condition`: the field that does not hold.
aws::ServiceError precondition_failed(std::string_view condition);
/// 501, naming what is not served.
tl::unexpected<aws::ServiceError> not_implemented(std::string_view what);

/// `"…"`
std::string quoted_tag(std::string_view etag);
/// Without quotes around it, if there are any.
std::string_view unquoted_tag(std::string_view etag);

/// Appends `<Owner>` as listings have it.
void write_owner(aws::XmlWriter& xml, std::string_view element = "Owner");

}  // namespace ticklake::aws_api::s3
