#include "aws_api/s3/object_fields.h"

#include <algorithm>
#include <array>

#include "aws/request_view.h"
#include "http/date.h"
#include "http/field.h"

namespace ticklake::aws_api::s3 {
namespace {

/// Of x-amz-meta-…, names and values together; S3's limit.
constexpr size_t kUserMetadataBytesMax = 2048;
constexpr std::string_view kUserMetadata = "x-amz-meta-";
constexpr std::string_view kDefaultType = "binary/octet-stream";

constexpr auto kKeptFields = std::to_array<std::string_view>(
    {"cache-control", "content-disposition", "content-encoding", "content-language", "expires"});

/// Fields that would change what an object is, and that are not served.
constexpr auto kRefusedFields = std::to_array<std::string_view>(
    {"x-amz-tagging", "x-amz-website-redirect-location", "x-amz-write-offset-bytes",
     "x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm",
     "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date",
     "x-amz-object-lock-legal-hold", "x-amz-grant-full-control", "x-amz-grant-read",
     "x-amz-grant-read-acp", "x-amz-grant-write-acp"});

/// Those that say nothing else than what is so anyway.
constexpr auto kHarmlessAcls =
    std::to_array<std::string_view>({"private", "bucket-owner-full-control", "bucket-owner-read"});

struct Override {
  std::string_view parameter;
  std::string_view field;
};
constexpr auto kOverrides = std::to_array<Override>({
    {"response-cache-control", "cache-control"},
    {"response-content-disposition", "content-disposition"},
    {"response-content-encoding", "content-encoding"},
    {"response-content-language", "content-language"},
    {"response-expires", "expires"},
});

aws::Answer<void> check_served(const Operation& operation) {
  for (const std::string_view name : kRefusedFields) {
    if (operation.field(name)) return not_implemented(name);
  }
  const auto acl = operation.field("x-amz-acl");
  if (acl && std::ranges::find(kHarmlessAcls, *acl) == kHarmlessAcls.end())
    return not_implemented("The ACL " + std::string(*acl));
  const auto storage_class = operation.field("x-amz-storage-class");
  if (storage_class && *storage_class != kStorageClass) {
    return aws::refuse_as("InvalidStorageClass",
                          "The storage class you specified is not valid: there is only STANDARD.");
  }
  return {};
}

/// aws-chunked is how the body came, not what the object is.
std::string without_chunks(std::string_view content_encoding) {
  std::string kept;
  for (const std::string_view coding : http::split_list(content_encoding)) {
    if (http::equal_without_case(coding, "aws-chunked")) continue;
    if (!kept.empty()) kept += ",";
    kept += coding;
  }
  return kept;
}

bool is_run_by_browsers(std::string_view content_type) {
  std::string type = aws::lower_case(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' '))
    type.pop_back();
  return type.find("html") != std::string::npos || type.ends_with("xml") ||
         type.find("javascript") != std::string::npos;
}

}  // namespace

aws::Answer<lake::ObjectMetadata> read_metadata(const Operation& operation) {
  TICKLAKE_TRY(check_served(operation));
  lake::ObjectMetadata metadata;
  metadata.content_type = operation.field("content-type").value_or("");
  for (const std::string_view name : kKeptFields) {
    const auto value = operation.field(name);
    if (!value) continue;
    std::string kept = name == "content-encoding" ? without_chunks(*value) : std::string(*value);
    if (!kept.empty()) metadata.fields.emplace_back(name, std::move(kept));
  }
  size_t bytes = 0;
  for (const http::Field& field : operation.request().fields()) {
    std::string name = aws::lower_case(field.name);
    if (!name.starts_with(kUserMetadata)) continue;
    bytes += name.size() - kUserMetadata.size() + field.value.size();
    const auto known = std::ranges::find_if(metadata.fields,
                                            [&](const auto& other) { return other.first == name; });
    if (known == metadata.fields.end()) {
      metadata.fields.emplace_back(std::move(name), field.value);
    } else {
      known->second.append(",").append(field.value);
    }
  }
  if (bytes > kUserMetadataBytesMax) {
    return aws::refuse_as("MetadataTooLarge",
                          "Your metadata headers exceed the maximum allowed metadata size");
  }
  return metadata;
}

void add_object_fields(const Operation& operation, const lake::ObjectHead& head,
                       http::FieldList& fields) {
  fields.add("ETag", quoted_tag(head.etag));
  fields.add("Last-Modified", http::format_date(head.modified));
  fields.add("Accept-Ranges", "bytes");
  const std::string& kept_type = head.metadata.content_type;
  const std::string type = operation.target.find("response-content-type")
                               .value_or(kept_type.empty() ? std::string(kDefaultType) : kept_type);
  fields.add("Content-Type", type);
  lake::ObjectMetadata metadata = head.metadata;
  for (const Override& one : kOverrides) {
    const auto value = operation.target.find(one.parameter);
    if (!value) continue;
    std::erase_if(metadata.fields, [&](const auto& kept) { return kept.first == one.field; });
    metadata.fields.emplace_back(one.field, *value);
  }
  bool is_attachment = false;
  for (const auto& [name, value] : metadata.fields) {
    const bool is_disposition = name == "content-disposition";
    is_attachment = is_attachment || (is_disposition && value.starts_with("attachment"));
    if (is_disposition && !is_attachment && is_run_by_browsers(type)) continue;
    fields.add(name, value);
  }
  if (!is_attachment && is_run_by_browsers(type)) fields.add("Content-Disposition", "attachment");
}

std::string checksum_value(const lake::ObjectHead& head) {
  if (!head.checksum) return {};
  std::string value = head.checksum->base64;
  if (head.checksum->is_composite) value += "-" + std::to_string(head.part_bytes.size());
  return value;
}

void add_checksum_fields(const lake::ObjectHead& head, http::FieldList& fields) {
  if (!head.checksum) return;
  fields.add(aws::header_of(head.checksum->algorithm), checksum_value(head));
  fields.add("x-amz-checksum-type", head.checksum->is_composite ? "COMPOSITE" : "FULL_OBJECT");
}

std::string checksum_element(aws::ChecksumAlgorithm algorithm) {
  return std::string("Checksum").append(aws::name_of(algorithm));
}

void write_checksum(aws::XmlWriter& xml, const lake::ObjectHead& head) {
  if (!head.checksum) return;
  xml.element(checksum_element(head.checksum->algorithm), checksum_value(head));
  xml.element("ChecksumType",
              std::string_view(head.checksum->is_composite ? "COMPOSITE" : "FULL_OBJECT"));
}

}  // namespace ticklake::aws_api::s3
