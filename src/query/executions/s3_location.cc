#include "query/executions/s3_location.h"

namespace ticklake::query::executions {

std::optional<S3Location> S3Location::parse(std::string_view text) {
  for (const std::string_view scheme : {"s3://", "s3a://", "s3n://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    const size_t slash = text.find('/');
    S3Location location{std::string(text.substr(0, slash)), {}};
    if (slash != std::string_view::npos) location.key = text.substr(slash + 1);
    if (location.bucket.empty()) return std::nullopt;
    return location;
  }
  return std::nullopt;
}

S3Location S3Location::as_folder() const {
  S3Location folder = *this;
  if (!folder.key.empty() && folder.key.back() != '/') folder.key += '/';
  return folder;
}

}  // namespace ticklake::query::executions
