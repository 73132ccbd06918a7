// ListObjects and ListObjectsV2.
//
// At most 1,000 objects and common prefixes a page, in the order of their keys' bytes. V1 gives a
// NextMarker with a delimiter only, as AWS does. With encoding-type=url the keys and what the
// client gave are percent-encoded, a blank as %20, which every client decodes; without it, what XML
// cannot hold is U+FFFD.

#include <algorithm>

#include "aws/percent_encoding.h"
#include "aws/timestamp.h"
#include "aws_api/error_answer.h"
#include "aws_api/s3/operations.h"
#include "base/base64.h"
#include "lake/entry_source.h"

namespace ticklake::aws_api::s3 {
namespace {

constexpr int kKeysMax = 1000;

/// What both forms have in common.
struct Page {
  std::string prefix;
  std::string delimiter;
  int max_keys = kKeysMax;
  bool is_encoded = false;

  std::string shown(std::string_view text) const {
    return is_encoded ? aws::percent_encoded_path(text) : std::string(text);
  }
};

aws::Answer<Page> read_page(const Operation& operation) {
  Page page;
  page.prefix = operation.target.find("prefix").value_or("");
  page.delimiter = operation.target.find("delimiter").value_or("");
  TICKLAKE_ASSIGN(const int max_keys, int_parameter(operation, "max-keys", kKeysMax, 0, INT32_MAX));
  page.max_keys = std::min(max_keys, kKeysMax);
  const std::string encoding = operation.target.find("encoding-type").value_or("");
  page.is_encoded = encoding == "url";
  if (!encoding.empty() && !page.is_encoded) {
    return aws::refuse(aws::ErrorKind::kInvalidArgument,
                       "Invalid Encoding Method specified in Request");
  }
  return page;
}

aws::Answer<lake::Listing> list(const Operation& operation, const Page& page, std::string from) {
  return operation.told(operation.store.list(
      operation.target.bucket,
      {page.prefix, page.delimiter, std::move(from), static_cast<size_t>(page.max_keys)}));
}

void write_entries(aws::XmlWriter& xml, const Page& page, const lake::Listing& listing,
                   bool has_owner) {
  for (const lake::ObjectEntry& entry : listing.objects) {
    xml.open("Contents")
        .element("Key", page.shown(entry.key))
        .element("LastModified", aws::to_iso_time_ms(entry.modified))
        .element("ETag", quoted_tag(entry.etag))
        .element("Size", static_cast<int64_t>(entry.bytes));
    if (has_owner) write_owner(xml);
    xml.element("StorageClass", kStorageClass).close();
  }
  for (const std::string& prefix : listing.common_prefixes)
    xml.open("CommonPrefixes").element("Prefix", page.shown(prefix)).close();
}

void write_page(aws::XmlWriter& xml, const Operation& operation, const Page& page,
                const lake::Listing& listing) {
  xml.element("Name", operation.target.bucket)
      .element("Prefix", page.shown(page.prefix))
      .element("MaxKeys", int64_t{page.max_keys});
  if (!page.delimiter.empty()) xml.element("Delimiter", page.shown(page.delimiter));
  if (page.is_encoded) xml.element("EncodingType", std::string_view("url"));
  xml.flag("IsTruncated", listing.next.has_value());
}

/// Of a marker that is a common prefix, what it stands for was given already.
std::string after_marker(const Page& page, const std::string& marker) {
  if (marker.empty()) return {};
  if (!page.delimiter.empty() && marker.starts_with(page.prefix)) {
    const size_t found = marker.find(page.delimiter, page.prefix.size());
    if (found != std::string::npos && found + page.delimiter.size() == marker.size())
      return lake::end_of_prefix(marker).value_or(lake::key_after(marker));
  }
  return lake::key_after(marker);
}

}  // namespace

aws::Answer<http::Response> list_objects(const Operation& operation) {
  TICKLAKE_ASSIGN(const Page page, read_page(operation));
  const std::string marker = operation.target.find("marker").value_or("");
  TICKLAKE_ASSIGN(const lake::Listing listing, list(operation, page, after_marker(page, marker)));
  aws::XmlWriter xml("ListBucketResult", kXmlNamespace);
  write_page(xml, operation, page, listing);
  xml.element("Marker", page.shown(marker));
  if (listing.next && !page.delimiter.empty()) {
    std::string last = listing.objects.empty() ? "" : listing.objects.back().key;
    if (!listing.common_prefixes.empty()) last = std::max(last, listing.common_prefixes.back());
    xml.element("NextMarker", page.shown(last));
  }
  write_entries(xml, page, listing, true);
  return answer_xml(200, xml.take());
}

aws::Answer<http::Response> list_objects_v2(const Operation& operation) {
  TICKLAKE_ASSIGN(const Page page, read_page(operation));
  const auto start_after = operation.target.find("start-after");
  const auto token = operation.target.find("continuation-token");
  std::string from;
  if (start_after && !start_after->empty()) from = lake::key_after(*start_after);
  if (token) {
    const auto decoded = base::from_base64(*token);
    if (!decoded || decoded->empty()) {
      return aws::refuse(aws::ErrorKind::kInvalidArgument,
                         "The continuation token provided is incorrect");
    }
    from = base::as_text(*decoded);
  }
  TICKLAKE_ASSIGN(const lake::Listing listing, list(operation, page, std::move(from)));
  aws::XmlWriter xml("ListBucketResult", kXmlNamespace);
  write_page(xml, operation, page, listing);
  xml.element("KeyCount",
              static_cast<int64_t>(listing.objects.size() + listing.common_prefixes.size()));
  if (token) xml.element("ContinuationToken", *token);
  if (listing.next)
    xml.element("NextContinuationToken", base::to_base64(base::as_bytes(*listing.next)));
  if (start_after) xml.element("StartAfter", page.shown(*start_after));
  write_entries(xml, page, listing, operation.target.find("fetch-owner") == "true");
  return answer_xml(200, xml.take());
}

}  // namespace ticklake::aws_api::s3
