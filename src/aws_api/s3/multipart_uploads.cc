// CreateMultipartUpload, CompleteMultipartUpload, AbortMultipartUpload, ListParts,
// ListMultipartUploads.
//
// Parts may come in any order and at once; one that is sent again replaces the one before. All but
// the last of those that are chosen have 5 MiB. A checksum algorithm that is announced gives a
// composite checksum (the whole object's for CRC64NVME, or where x-amz-checksum-type says so) if
// all parts have one. An upload stays until it is completed or aborted.

#include <algorithm>
#include <charconv>

#include "aws/percent_encoding.h"
#include "aws/timestamp.h"
#include "aws/xml_reader.h"
#include "aws_api/error_answer.h"
#include "aws_api/s3/conditions.h"
#include "aws_api/s3/object_fields.h"
#include "aws_api/s3/operations.h"
#include "base/base64.h"
#include "base/trim.h"

namespace ticklake::aws_api::s3 {
namespace {

constexpr uint64_t kPartBytesMin = 5ull << 20;
constexpr int kPageMax = 1000;

tl::unexpected<aws::ServiceError> malformed() {
  return aws::refuse(aws::ErrorKind::kMalformedXml,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
}

tl::unexpected<aws::ServiceError> invalid_part() {
  return aws::refuse_as("InvalidPart",
                        "One or more of the specified parts could not be found. The part may not "
                        "have been uploaded, or the specified entity tag may not match the part's "
                        "entity tag.");
}

std::string upload_id(const Operation& operation) {
  return operation.target.find("uploadId").value_or("");
}

std::string_view trimmed(std::string_view text) { return base::trimmed(text, " \t\r\n"); }

struct NamedPart {
  lake::ChosenPart chosen;
  std::optional<std::string> checksum;
};

aws::Answer<std::vector<NamedPart>> read_parts(const std::string& body,
                                               std::optional<aws::ChecksumAlgorithm> algorithm) {
  TICKLAKE_ASSIGN(const aws::XmlElement request, aws::parse_xml(body, "CompleteMultipartUpload"));
  std::vector<NamedPart> parts;
  for (const aws::XmlElement& child : request.children) {
    if (child.name != "Part") continue;
    const std::string_view number = trimmed(child.text_of("PartNumber").value_or(""));
    const std::string_view etag = trimmed(child.text_of("ETag").value_or(""));
    NamedPart part{{0, std::string(unquoted_tag(etag))}, {}};
    const char* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, part.chosen.number);
    if (error != std::errc() || stop != end || etag.empty()) return malformed();
    if (algorithm) {
      if (const auto checksum = child.text_of(checksum_element(*algorithm)))
        part.checksum = std::string(trimmed(*checksum));
    }
    if (!parts.empty() && parts.back().chosen.number >= part.chosen.number) {
      return aws::refuse_as(
          "InvalidPartOrder",
          "The list of parts was not in ascending order. Parts must be ordered by "
          "part number.");
    }
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return malformed();
  return parts;
}

aws::Answer<void> check_parts(const std::vector<NamedPart>& named,
                              const std::vector<lake::UploadedPart>& uploaded) {
  for (const NamedPart& part : named) {
    const auto found = std::ranges::find(uploaded, part.chosen.number, &lake::UploadedPart::number);
    if (found == uploaded.end() || found->etag != part.chosen.etag) return invalid_part();
    if (part.checksum && found->checksum && *part.checksum != found->checksum->base64)
      return invalid_part();
    if (&part != &named.back() && found->bytes < kPartBytesMin) {
      aws::ServiceError error{aws::ErrorKind::kInvalidArgument,
                              "Your proposed upload is smaller than the minimum allowed size"};
      error.code = "EntityTooSmall";
      error.members = {{"ETag", found->etag},
                       {"MinSizeAllowed", std::to_string(kPartBytesMin)},
                       {"ProposedSize", std::to_string(found->bytes)},
                       {"PartNumber", std::to_string(found->number)}};
      return tl::unexpected(std::move(error));
    }
  }
  return {};
}

/// What the client says that the checksum of the whole is; empty if nothing.
std::string expected_checksum(const Operation& operation, const lake::MultipartUpload& upload) {
  if (!upload.checksum_algorithm || upload.is_checksum_composite) return {};
  return std::string(operation.request().field(aws::header_of(*upload.checksum_algorithm)));
}

}  // namespace

aws::Answer<http::Response> create_multipart_upload(const Operation& operation) {
  const Target& target = operation.target;
  lake::MultipartUpload upload;
  upload.key = target.key;
  TICKLAKE_ASSIGN(upload.metadata, read_metadata(operation));
  if (const auto name = operation.field("x-amz-checksum-algorithm")) {
    upload.checksum_algorithm = aws::find_checksum_algorithm(*name);
    if (!upload.checksum_algorithm) {
      return aws::refuse_as("InvalidRequest",
                            "Checksum algorithm provided is unsupported. Please try again with any "
                            "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
    const std::string_view type = operation.request().field("x-amz-checksum-type");
    const bool is_always_whole = upload.checksum_algorithm == aws::ChecksumAlgorithm::kCrc64Nvme;
    upload.is_checksum_composite = type != "FULL_OBJECT" && !is_always_whole;
  }
  TICKLAKE_ASSIGN(upload, operation.told(operation.store.begin_upload(target.bucket, upload)));
  aws::XmlWriter xml("InitiateMultipartUploadResult", kXmlNamespace);
  xml.element("Bucket", target.bucket).element("Key", target.key).element("UploadId", upload.id);
  http::Response response = answer_xml(200, xml.take());
  if (upload.checksum_algorithm) {
    response.fields.add("x-amz-checksum-algorithm", aws::name_of(*upload.checksum_algorithm));
    response.fields.add("x-amz-checksum-type",
                        upload.is_checksum_composite ? "COMPOSITE" : "FULL_OBJECT");
  }
  return response;
}

aws::Answer<http::Response> complete_multipart_upload(const Operation& operation,
                                                      const std::string& body) {
  const Target& target = operation.target;
  const std::string id = upload_id(operation);
  TICKLAKE_ASSIGN(const lake::WriteCondition condition, read_write_condition(operation));
  TICKLAKE_ASSIGN(
      const lake::MultipartUpload upload,
      operation.told_of_upload(operation.store.find_upload(target.bucket, target.key, id)));
  TICKLAKE_ASSIGN(const std::vector<NamedPart> named, read_parts(body, upload.checksum_algorithm));
  TICKLAKE_ASSIGN(const std::vector<lake::UploadedPart> uploaded,
                  operation.told_of_upload(operation.store.parts(target.bucket, target.key, id)));
  TICKLAKE_TRY(check_parts(named, uploaded));
  std::vector<lake::ChosenPart> chosen;
  for (const NamedPart& part : named)
    chosen.push_back(part.chosen);
  auto completed = operation.store.complete_upload(target.bucket, target.key, id, chosen, condition,
                                                   expected_checksum(operation, upload));
  if (!completed && completed.error().code == base::ErrorCode::kInvalidData) {
    return aws::refuse(aws::ErrorKind::kBadDigest,
                       "The checksum you specified did not match the calculated checksum.");
  }
  // Without If-Match it can only be a part that was sent again meanwhile.
  if (!completed && completed.error().code == base::ErrorCode::kFenced && !condition.if_match)
    return invalid_part();
  // With If-Match the object may be what is not there.
  TICKLAKE_ASSIGN(const lake::ObjectHead head,
                  condition.if_match ? operation.told(std::move(completed))
                                     : operation.told_of_upload(std::move(completed)));
  aws::XmlWriter xml("CompleteMultipartUploadResult", kXmlNamespace);
  xml.element("Location", "http://" + std::string(operation.request().host()) + "/" +
                              target.bucket + "/" + aws::percent_encoded_path(target.key))
      .element("Bucket", target.bucket)
      .element("Key", target.key)
      .element("ETag", quoted_tag(head.etag));
  write_checksum(xml, head);
  return answer_xml(200, xml.take());
}

aws::Answer<http::Response> abort_multipart_upload(const Operation& operation) {
  const Target& target = operation.target;
  TICKLAKE_TRY(operation.told_of_upload(
      operation.store.abort_upload(target.bucket, target.key, upload_id(operation))));
  http::Response response;
  response.status = 204;
  return response;
}

aws::Answer<http::Response> list_parts(const Operation& operation) {
  const Target& target = operation.target;
  const std::string id = upload_id(operation);
  TICKLAKE_ASSIGN(const int max, int_parameter(operation, "max-parts", kPageMax, 0, INT32_MAX));
  TICKLAKE_ASSIGN(const int after, int_parameter(operation, "part-number-marker", 0, 0, INT32_MAX));
  TICKLAKE_ASSIGN(const std::vector<lake::UploadedPart> parts,
                  operation.told_of_upload(operation.store.parts(target.bucket, target.key, id)));
  aws::XmlWriter xml("ListPartsResult", kXmlNamespace);
  xml.element("Bucket", target.bucket).element("Key", target.key).element("UploadId", id);
  xml.element("StorageClass", kStorageClass);
  write_owner(xml);
  write_owner(xml, "Initiator");
  int listed = 0;
  int last = 0;
  bool is_cut = false;
  for (const lake::UploadedPart& part : parts) {
    if (part.number <= after) continue;
    is_cut = listed == std::min(max, kPageMax);
    if (is_cut) break;
    xml.open("Part")
        .element("PartNumber", int64_t{part.number})
        .element("LastModified", aws::to_iso_time_ms(part.modified))
        .element("ETag", quoted_tag(part.etag))
        .element("Size", static_cast<int64_t>(part.bytes));
    if (part.checksum)
      xml.element(checksum_element(part.checksum->algorithm), part.checksum->base64);
    xml.close();
    last = part.number;
    ++listed;
  }
  xml.element("PartNumberMarker", int64_t{after})
      .element("MaxParts", int64_t{std::min(max, kPageMax)})
      .flag("IsTruncated", is_cut);
  if (is_cut) xml.element("NextPartNumberMarker", int64_t{last});
  return answer_xml(200, xml.take());
}

aws::Answer<http::Response> list_multipart_uploads(const Operation& operation) {
  const Target& target = operation.target;
  TICKLAKE_ASSIGN(const int max, int_parameter(operation, "max-uploads", kPageMax, 0, INT32_MAX));
  if (!target.find("delimiter").value_or("").empty())
    return not_implemented("A delimiter in ListMultipartUploads");
  const std::string prefix = target.find("prefix").value_or("");
  const std::string key_marker = target.find("key-marker").value_or("");
  const std::string id_marker = target.find("upload-id-marker").value_or("");
  TICKLAKE_ASSIGN(std::vector<lake::MultipartUpload> uploads,
                  operation.told(operation.store.uploads(target.bucket)));
  // By key and id, so that the markers of one page are where the next one goes on.
  std::ranges::sort(uploads, {}, [](const lake::MultipartUpload& upload) {
    return std::pair(upload.key, upload.id);
  });
  const bool is_encoded = target.find("encoding-type") == "url";
  const auto shown = [&](const std::string& text) {
    return is_encoded ? aws::percent_encoded_path(text) : text;
  };
  aws::XmlWriter xml("ListMultipartUploadsResult", kXmlNamespace);
  xml.element("Bucket", target.bucket)
      .element("KeyMarker", shown(key_marker))
      .element("UploadIdMarker", id_marker)
      .element("Prefix", shown(prefix))
      .element("MaxUploads", int64_t{std::min(max, kPageMax)});
  if (is_encoded) xml.element("EncodingType", std::string_view("url"));
  const lake::MultipartUpload* last = nullptr;
  int listed = 0;
  bool is_cut = false;
  for (const lake::MultipartUpload& upload : uploads) {
    const bool is_before =
        upload.key < key_marker ||
        (upload.key == key_marker && (id_marker.empty() || upload.id <= id_marker));
    if (!upload.key.starts_with(prefix) || (!key_marker.empty() && is_before)) continue;
    is_cut = listed == std::min(max, kPageMax);
    if (is_cut) break;
    xml.open("Upload").element("Key", shown(upload.key)).element("UploadId", upload.id);
    write_owner(xml, "Initiator");
    write_owner(xml);
    xml.element("StorageClass", kStorageClass)
        .element("Initiated", aws::to_iso_time_ms(upload.initiated))
        .close();
    last = &upload;
    ++listed;
  }
  xml.flag("IsTruncated", is_cut);
  if (is_cut && last)
    xml.element("NextKeyMarker", shown(last->key)).element("NextUploadIdMarker", last->id);
  return answer_xml(200, xml.take());
}

}  // namespace ticklake::aws_api::s3
