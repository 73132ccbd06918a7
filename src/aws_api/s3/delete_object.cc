// DeleteObject, DeleteObjects.
//
// What is not there is deleted with success, as with AWS. Of many keys each one has its own
// permission and its own outcome; with `Quiet` only failures are told. Conditions: If-Match.

#include "aws/xml_reader.h"
#include "aws_api/error_answer.h"
#include "aws_api/s3/conditions.h"
#include "aws_api/s3/operations.h"
#include "lake/object_key.h"

namespace ticklake::aws_api::s3 {
namespace {

constexpr size_t kKeysMax = 1000;

struct Deletion {
  std::string key;
  std::optional<aws::ServiceError> refused = {};
};

tl::unexpected<aws::ServiceError> malformed() {
  return aws::refuse(aws::ErrorKind::kMalformedXml,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
}

aws::Answer<std::vector<Deletion>> read_deletions(const Operation& operation,
                                                  const aws::XmlElement& request) {
  std::vector<Deletion> deletions;
  for (const aws::XmlElement& child : request.children) {
    if (child.name != "Object") continue;
    const auto key = child.text_of("Key");
    if (!key || key->empty() || deletions.size() == kKeysMax) return malformed();
    Deletion deletion{std::string(*key)};
    const auto version = child.text_of("VersionId");
    const auto allowed =
        operation.allow("s3:DeleteObject", object_arn(operation.target.bucket, *key));
    if (!allowed) {
      deletion.refused = allowed.error();
    } else if (child.find("ETag") || (version && !version->empty() && *version != "null")) {
      deletion.refused = not_implemented("A version or ETag in DeleteObjects").value();
    } else if (!lake::is_object_key(*key)) {
      deletion.refused = aws::ServiceError{aws::ErrorKind::kInvalidArgument, "Not a valid key."};
    }
    deletions.push_back(std::move(deletion));
  }
  if (deletions.empty()) return malformed();
  return deletions;
}

void remove(const Operation& operation, std::vector<Deletion>& deletions) {
  std::vector<std::string> keys;
  std::vector<Deletion*> asked;
  for (Deletion& deletion : deletions) {
    if (deletion.refused) continue;
    keys.push_back(deletion.key);
    asked.push_back(&deletion);
  }
  const auto outcomes = operation.store.remove_all(operation.target.bucket, keys);
  for (size_t i = 0; i < asked.size(); ++i) {
    auto outcome = operation.told(outcomes[i]);
    if (!outcome) asked[i]->refused = std::move(outcome).error();
  }
}

}  // namespace

aws::Answer<http::Response> delete_object(const Operation& operation) {
  TICKLAKE_ASSIGN(const lake::WriteCondition condition, read_write_condition(operation));
  TICKLAKE_TRY(operation.told(
      operation.store.remove(operation.target.bucket, operation.target.key, condition)));
  http::Response response;
  response.status = 204;
  return response;
}

aws::Answer<http::Response> delete_objects(const Operation& operation, const std::string& body) {
  TICKLAKE_TRY(operation.check_bucket(operation.target.bucket));
  TICKLAKE_ASSIGN(const aws::XmlElement request, aws::parse_xml(body, "Delete"));
  TICKLAKE_ASSIGN(std::vector<Deletion> deletions, read_deletions(operation, request));
  remove(operation, deletions);
  const bool is_quiet = request.text_of("Quiet") == "true";
  aws::XmlWriter xml("DeleteResult", kXmlNamespace);
  for (const Deletion& deletion : deletions) {
    if (deletion.refused) {
      const aws::WireError wire = aws::wire_error(*deletion.refused, aws::Protocol::kS3);
      xml.open("Error")
          .element("Key", deletion.key)
          .element("Code", wire.code)
          .element("Message", deletion.refused->message)
          .close();
    } else if (!is_quiet) {
      xml.open("Deleted").element("Key", deletion.key).close();
    }
  }
  return answer_xml(200, xml.take());
}

}  // namespace ticklake::aws_api::s3
