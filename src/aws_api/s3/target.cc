#include "aws_api/s3/target.h"

#include <algorithm>

#include "lake/object_key.h"

namespace ticklake::aws_api::s3 {
namespace {

tl::unexpected<aws::ServiceError> unreadable() {
  return aws::refuse(aws::ErrorKind::kInvalidUri, "Couldn't parse the specified URI.");
}

/// As S3 documents it: read from the left, a key's ".." may never outnumber the names before them.
bool climbs_out(std::string_view key) {
  int depth = 0;
  while (true) {
    const size_t end = std::min(key.find('/'), key.size());
    const std::string_view name = key.substr(0, end);
    if (name == "..") {
      if (--depth < 0) return true;
    } else if (!name.empty() && name != ".") {
      ++depth;
    }
    if (end == key.size()) return false;
    key.remove_prefix(end + 1);
  }
}

/// A path without its first '/', still percent-encoded.
aws::Answer<void> read_path(std::string_view path, std::string_view bucket_of_host,
                            Target& target) {
  std::string_view encoded_bucket = bucket_of_host;
  std::string_view encoded_key = path;
  if (bucket_of_host.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    encoded_bucket = path.substr(0, end);
    encoded_key = path.substr(std::min(end + 1, path.size()));
  }
  auto bucket = aws::percent_decoded(encoded_bucket);
  auto key = aws::percent_decoded(encoded_key);
  if (!bucket || !key) return unreadable();
  target.bucket = std::move(*bucket);
  target.key = std::move(*key);
  if (!target.bucket.empty() && !lake::is_bucket_name(target.bucket)) {
    aws::ServiceError error{aws::ErrorKind::kInvalidArgument, "The specified bucket is not valid."};
    error.code = "InvalidBucketName";
    error.members = {{"BucketName", target.bucket}};
    return tl::unexpected(std::move(error));
  }
  if (target.key.empty()) return {};
  if (target.bucket.empty()) return unreadable();
  if (target.key.size() > lake::kObjectKeyBytesMax)
    return aws::refuse_as("KeyTooLongError", "Your key is too long");
  if (!lake::is_object_key(target.key) || climbs_out(target.key)) return unreadable();
  return {};
}

}  // namespace

bool Target::has(std::string_view name) const {
  return std::ranges::find(query, name, &aws::QueryParameter::name) != query.end();
}

std::optional<std::string> Target::find(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &aws::QueryParameter::name);
  if (found == query.end()) return std::nullopt;
  return found->value;
}

aws::Answer<Target> parse_target(const http::Request& request, std::string_view bucket_of_host) {
  Target target;
  auto query = aws::parse_query(request.raw_query());
  std::string_view path = request.raw_path();
  if (!query || !path.starts_with('/')) return unreadable();
  target.query = std::move(*query);
  path.remove_prefix(1);
  TICKLAKE_TRY(read_path(path, bucket_of_host, target));
  return target;
}

aws::Answer<Target> parse_copy_source(std::string_view value) {
  Target target;
  if (value.starts_with('/')) value.remove_prefix(1);
  const auto [path, query] = aws::split_target(value);
  // An object has one version, and that is called null.
  if (!query.empty() && query != "versionId=null")
    return aws::refuse_as("NoSuchVersion", "The specified version does not exist.", 404);
  if (auto read = read_path(path, {}, target); !read || target.bucket.empty() || target.key.empty())
    return aws::refuse(
        aws::ErrorKind::kInvalidArgument,
        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  return target;
}

}  // namespace ticklake::aws_api::s3
