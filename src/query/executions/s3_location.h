#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ticklake::query::executions {

/// `s3://bucket/key`; the key may be empty, or a prefix.
struct S3Location {
  std::string bucket;
  std::string key;

  /// None for what is no s3:// (s3a://, s3n://) address with a bucket.
  static std::optional<S3Location> parse(std::string_view text);
  /// The same with a key that is empty or ends in `/`: all below it.
  S3Location as_folder() const;
  std::string text() const { return "s3://" + bucket + "/" + key; }
  std::string arn() const { return "arn:aws:s3:::" + bucket + "/" + key; }

  bool operator==(const S3Location&) const = default;
};

}  // namespace ticklake::query::executions
