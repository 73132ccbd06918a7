// GetObject, HeadObject.
//
// One range (bytes=a-b, a-, -n) or one part of a multipart upload (partNumber). Conditions as RFC
// 9110 orders them: 412, or 304 without a body. A stored checksum is told with
// x-amz-checksum-mode: ENABLED, and only of a whole object. An object that a browser would run
// comes as an attachment. Whoever may not list the bucket is told 403 of what is not there.

#include <numeric>

#include "aws_api/s3/conditions.h"
#include "aws_api/s3/object_fields.h"
#include "aws_api/s3/operations.h"
#include "http/field.h"
#include "http/range.h"

namespace ticklake::aws_api::s3 {
namespace {

/// As if there was nothing to be known.
aws::ServiceError hidden(const Operation& operation, aws::ServiceError error) {
  if (error.kind != aws::ErrorKind::kNoSuchEntity) return error;
  const auto may_list = operation.allow("s3:ListBucket", bucket_arn(operation.target.bucket));
  return may_list ? error : may_list.error();
}

aws::Answer<void> check_version(const Operation& operation) {
  const auto version = operation.target.find("versionId");
  if (!version || version->empty() || *version == "null") return {};
  return aws::refuse_as("NoSuchVersion", "The specified version does not exist.", 404);
}

struct Extent {
  http::Range range;
  int parts = 0;  ///< of the object, if one was asked for
};

aws::Answer<http::Range> range_of_part(const lake::ObjectHead& head, int number) {
  const int parts = std::max<int>(1, static_cast<int>(head.part_bytes.size()));
  if (number > parts) {
    return aws::refuse_as("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
  }
  if (head.part_bytes.empty()) return http::Range{http::Range::Kind::kPart, 0, head.bytes};
  const auto part = head.part_bytes.begin() + (number - 1);
  return http::Range{http::Range::Kind::kPart,
                     std::accumulate(head.part_bytes.begin(), part, uint64_t{0}), *part};
}

aws::Answer<Extent> extent_of(const Operation& operation, const lake::ObjectHead& head) {
  const auto range = operation.field("range");
  TICKLAKE_ASSIGN(const int number, part_number(operation));
  if (number == 0) return Extent{http::resolve_range(range.value_or(""), head.bytes)};
  if (range) {
    return aws::refuse_as("InvalidRequest",
                          "Cannot specify both Range header and partNumber query parameter");
  }
  TICKLAKE_ASSIGN(const http::Range part, range_of_part(head, number));
  return Extent{part, static_cast<int>(head.part_bytes.size())};
}

aws::ServiceError invalid_range(const Operation& operation, const lake::ObjectHead& head) {
  aws::ServiceError error{aws::ErrorKind::kInvalidArgument,
                          "The requested range is not satisfiable"};
  error.code = "InvalidRange";
  error.status = 416;
  error.members = {{"RangeRequested", std::string(operation.request().field("range"))},
                   {"ActualObjectSize", std::to_string(head.bytes)}};
  return error;
}

/// All but the body.
aws::Answer<http::Response> describe(const Operation& operation, const lake::ObjectHead& head,
                                     http::Range& range) {
  http::Response response;
  TICKLAKE_ASSIGN(const ReadVerdict verdict, check_read_conditions(operation, head));
  if (verdict == ReadVerdict::kNotModified) {
    response.status = 304;
    response.fields.add("ETag", quoted_tag(head.etag));
    return response;
  }
  TICKLAKE_ASSIGN(const Extent extent, extent_of(operation, head));
  range = extent.range;
  if (range.kind == http::Range::Kind::kUnsatisfiable)
    return tl::unexpected(invalid_range(operation, head));
  add_object_fields(operation, head, response.fields);
  if (extent.parts > 0) response.fields.add("x-amz-mp-parts-count", std::to_string(extent.parts));
  // An empty object has no bytes to name, and is given whole.
  if (range.kind == http::Range::Kind::kPart && head.bytes > 0) {
    response.status = 206;
    response.fields.add("Content-Range", http::content_range(range, head.bytes));
  }
  const bool is_whole = range.size == head.bytes;
  const std::string_view mode = operation.request().field("x-amz-checksum-mode");
  if (is_whole && http::equal_without_case(mode, "enabled"))
    add_checksum_fields(head, response.fields);
  return response;
}

}  // namespace

aws::Answer<http::Response> get_object(const Operation& operation) {
  TICKLAKE_TRY(check_version(operation));
  const Target& target = operation.target;
  auto opened =
      operation.told(operation.store.open_object(target.bucket, target.key, operation.patience));
  if (!opened) return tl::unexpected(hidden(operation, std::move(opened).error()));
  http::Range range;
  TICKLAKE_ASSIGN(http::Response response, describe(operation, opened->head, range));
  if (response.status != 304)
    response.body = base::FileRegion{std::move(opened->file), range.first, range.size};
  return response;
}

aws::Answer<http::Response> head_object(const Operation& operation) {
  TICKLAKE_TRY(check_version(operation));
  const Target& target = operation.target;
  const auto head =
      operation.told(operation.store.head(target.bucket, target.key, operation.patience));
  if (!head) return tl::unexpected(hidden(operation, head.error()));
  http::Range range;
  TICKLAKE_ASSIGN(http::Response response, describe(operation, *head, range));
  if (response.status != 304) response.length_of_get = range.size;
  return response;
}

}  // namespace ticklake::aws_api::s3
