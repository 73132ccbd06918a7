#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/percent_encoding.h"
#include "aws/service_error.h"
#include "http/request.h"

namespace ticklake::aws_api::s3 {

/// What a request is about. Bucket and key are decoded, and such as can be; nothing of them was
/// looked for.
struct Target {
  std::string bucket;  ///< empty: the service itself
  std::string key;     ///< empty: the bucket itself
  aws::Query query;

  bool has(std::string_view name) const;
  /// The value of the first parameter of that name.
  std::optional<std::string> find(std::string_view name) const;
};

/// `bucket_of_host` is empty for path style. kInvalidUri, InvalidBucketName, KeyTooLongError.
aws::Answer<Target> parse_target(const http::Request& request, std::string_view bucket_of_host);

/// The bucket and key of an x-amz-copy-source ("b/key", "/b/key", percent-encoded).
aws::Answer<Target> parse_copy_source(std::string_view value);

}  // namespace ticklake::aws_api::s3
