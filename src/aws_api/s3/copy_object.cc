// CopyObject, UploadPartCopy.
//
// The source is read with the caller's own rights (s3:GetObject) and under its conditions
// (x-amz-copy-source-if-…). A copy of a whole object costs nothing, whatever its size: it is
// another name of the same bytes, and has the source's ETag and checksum, also where that came in
// parts (with AWS it gets the MD5 of its bytes). Where that cannot be, or another checksum is asked
// for, the bytes are copied. Onto itself only with other metadata.

#include <charconv>

#include "aws/timestamp.h"
#include "aws_api/error_answer.h"
#include "aws_api/s3/conditions.h"
#include "aws_api/s3/object_fields.h"
#include "aws_api/s3/operations.h"
#include "base/base64.h"
#include "http/field.h"
#include "http/range.h"
#include "lake/object_writer.h"

namespace ticklake::aws_api::s3 {
namespace {

constexpr uint64_t kCopyBytesMax = 5ull << 30;

struct Copied {
  std::unique_ptr<lake::ObjectWriter> writer;
  std::optional<lake::ObjectChecksum> checksum;
};

aws::Answer<Copied> copy(const Operation& operation, const lake::OpenObject& source,
                         const http::Range& range,
                         std::optional<aws::ChecksumAlgorithm> algorithm) {
  if (range.size > kCopyBytesMax) {
    return aws::refuse_as("InvalidRequest",
                          "The specified copy source is larger than the maximum allowable size for "
                          "a copy source: 5368709120");
  }
  Copied copied;
  TICKLAKE_ASSIGN(copied.writer, operation.told(operation.store.write(operation.target.bucket)));
  std::optional<aws::Checksum> checksum;
  if (algorithm) checksum.emplace(*algorithm);
  TICKLAKE_TRY(operation.told(
      copied.writer->append_from(*source.file, range.first, range.size, [&](base::ByteView bytes) {
        if (checksum) checksum->update(bytes);
      })));
  if (checksum)
    copied.checksum = lake::ObjectChecksum{*algorithm, base::to_base64(checksum->finish()), false};
  return copied;
}

/// That of the source, unless the client asks for another one.
std::optional<aws::ChecksumAlgorithm> checksum_of_copy(const Operation& operation,
                                                       const lake::ObjectHead& source) {
  if (const auto asked = operation.field("x-amz-checksum-algorithm"))
    return aws::find_checksum_algorithm(*asked);
  if (source.checksum) return source.checksum->algorithm;
  return std::nullopt;
}

bool replaces_metadata(const Operation& operation) {
  return http::equal_without_case(operation.request().field("x-amz-metadata-directive"), "REPLACE");
}

void write_result(aws::XmlWriter& xml, const std::string& etag, base::WallTime modified,
                  const std::optional<lake::ObjectChecksum>& checksum) {
  xml.element("LastModified", aws::to_iso_time_ms(modified)).element("ETag", quoted_tag(etag));
  if (checksum) xml.element(checksum_element(checksum->algorithm), checksum->base64);
}

/// "bytes=a-b", both given and within the source.
aws::Answer<http::Range> copy_range(const Operation& operation, uint64_t bytes) {
  const http::Range whole{http::Range::Kind::kWhole, 0, bytes};
  const auto text = operation.field("x-amz-copy-source-range");
  if (!text) return whole;
  const http::Range range = http::resolve_range(*text, bytes);
  const std::string exact =
      "bytes=" + std::to_string(range.first) + "-" + std::to_string(range.first + range.size - 1);
  if (range.kind != http::Range::Kind::kPart || exact != *text) {
    return aws::refuse(aws::ErrorKind::kInvalidArgument,
                       "The x-amz-copy-source-range value must be of the form bytes=first-last "
                       "where first and last are the zero-based offsets of bytes to copy");
  }
  return range;
}

aws::Answer<lake::ObjectHead> copy_whole(const Operation& operation, const Target& source,
                                         const lake::OpenObject& object,
                                         const lake::ObjectMetadata& metadata,
                                         const lake::WriteCondition& condition) {
  const Target& target = operation.target;
  const auto algorithm = checksum_of_copy(operation, object.head);
  const auto& checksum = object.head.checksum;
  if (!algorithm || (checksum && checksum->algorithm == *algorithm)) {
    TICKLAKE_ASSIGN(const auto copied, operation.told(operation.store.copy(
                                           source.bucket, source.key, object.head.etag,
                                           target.bucket, target.key, metadata, condition)));
    if (copied) return *copied;
  }
  const http::Range whole{http::Range::Kind::kWhole, 0, object.head.bytes};
  TICKLAKE_ASSIGN(Copied copied, copy(operation, object, whole, algorithm));
  return operation.told(operation.store.put(target.bucket, target.key, std::move(copied.writer),
                                            metadata, copied.checksum, condition));
}

}  // namespace

aws::Answer<lake::OpenObject> open_copy_source(const Operation& operation) {
  TICKLAKE_ASSIGN(Target source, parse_copy_source(*operation.field("x-amz-copy-source")));
  TICKLAKE_TRY(operation.allow("s3:GetObject", object_arn(source.bucket, source.key)));
  TICKLAKE_TRY(operation.check_bucket(source.bucket));
  auto opened = operation.store.open_object(source.bucket, source.key);
  if (!opened && opened.error().code == base::ErrorCode::kNotFound)
    return tl::unexpected(no_such_key(source.key));
  TICKLAKE_ASSIGN(lake::OpenObject object, operation.told(std::move(opened)));
  TICKLAKE_TRY(check_read_conditions(operation, object.head, "x-amz-copy-source-"));
  return object;
}

aws::Answer<http::Response> copy_object(const Operation& operation) {
  const Target& target = operation.target;
  TICKLAKE_TRY(operation.told(operation.store.check_write(target.bucket, target.key)));
  TICKLAKE_ASSIGN(const lake::WriteCondition condition, read_write_condition(operation));
  TICKLAKE_ASSIGN(lake::ObjectMetadata metadata, read_metadata(operation));
  TICKLAKE_ASSIGN(const Target source, parse_copy_source(*operation.field("x-amz-copy-source")));
  const bool is_same = source.bucket == target.bucket && source.key == target.key;
  const bool replaces = replaces_metadata(operation);
  if (is_same && !replaces) {
    return aws::refuse_as("InvalidRequest",
                          "This copy request is illegal because it is trying to copy an object to "
                          "itself without changing the object's metadata, storage class, website "
                          "redirect location or encryption attributes.");
  }
  TICKLAKE_ASSIGN(const lake::OpenObject object, open_copy_source(operation));
  if (!replaces) metadata = object.head.metadata;
  TICKLAKE_ASSIGN(const lake::ObjectHead head,
                  copy_whole(operation, source, object, metadata, condition));
  aws::XmlWriter xml("CopyObjectResult", kXmlNamespace);
  write_result(xml, head.etag, head.modified, head.checksum);
  return answer_xml(200, xml.take());
}

aws::Answer<http::Response> upload_part_copy(const Operation& operation) {
  const Target& target = operation.target;
  TICKLAKE_ASSIGN(const int number, part_number(operation));
  const std::string id = target.find("uploadId").value_or("");
  TICKLAKE_ASSIGN(
      const lake::MultipartUpload upload,
      operation.told_of_upload(operation.store.find_upload(target.bucket, target.key, id)));
  TICKLAKE_ASSIGN(const lake::OpenObject object, open_copy_source(operation));
  TICKLAKE_ASSIGN(const http::Range range, copy_range(operation, object.head.bytes));
  TICKLAKE_ASSIGN(Copied copied, copy(operation, object, range, upload.checksum_algorithm));
  TICKLAKE_ASSIGN(const lake::UploadedPart part, operation.told_of_upload(operation.store.put_part(
                                                     target.bucket, target.key, id, number,
                                                     std::move(copied.writer), copied.checksum)));
  aws::XmlWriter xml("CopyPartResult", kXmlNamespace);
  write_result(xml, part.etag, part.modified, part.checksum);
  return answer_xml(200, xml.take());
}

}  // namespace ticklake::aws_api::s3
