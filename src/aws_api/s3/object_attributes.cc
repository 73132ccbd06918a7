// GetObjectAttributes: ETag (without quotes), Checksum, ObjectParts (how many), StorageClass,
// ObjectSize; of those that x-amz-object-attributes names. Parts are not listed one by one.

#include <algorithm>

#include "aws_api/error_answer.h"
#include "aws_api/s3/object_fields.h"
#include "aws_api/s3/operations.h"
#include "http/date.h"
#include "http/field.h"

namespace ticklake::aws_api::s3 {

aws::Answer<http::Response> get_object_attributes(const Operation& operation) {
  const std::string list = operation.request().joined_field("x-amz-object-attributes");
  const auto names = http::split_list(list);
  if (names.empty()) {
    return aws::refuse(aws::ErrorKind::kInvalidArgument,
                       "The x-amz-object-attributes header specifying the attributes to be "
                       "retrieved is either missing or empty");
  }
  const Target& target = operation.target;
  TICKLAKE_ASSIGN(const lake::ObjectHead head,
                  operation.told(operation.store.head(target.bucket, target.key)));
  const auto asks = [&](std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  aws::XmlWriter xml("GetObjectAttributesResponse", kXmlNamespace);
  if (asks("ETag")) xml.element("ETag", head.etag);
  if (asks("Checksum") && head.checksum) {
    xml.open("Checksum");
    write_checksum(xml, head);
    xml.close();
  }
  if (asks("ObjectParts") && !head.part_bytes.empty()) {
    xml.open("ObjectParts")
        .element("PartsCount", static_cast<int64_t>(head.part_bytes.size()))
        .close();
  }
  if (asks("StorageClass")) xml.element("StorageClass", kStorageClass);
  if (asks("ObjectSize")) xml.element("ObjectSize", static_cast<int64_t>(head.bytes));
  http::Response response = answer_xml(200, xml.take());
  response.fields.add("Last-Modified", http::format_date(head.modified));
  return response;
}

}  // namespace ticklake::aws_api::s3
