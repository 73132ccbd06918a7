// ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation, GetBucketVersioning.
//
// There is one owner, one region and no versions. A bucket that is there already is 409
// BucketAlreadyOwnedByYou in every region (in us-east-1 AWS answers 200); any LocationConstraint is
// taken, and none is kept.

#include "aws/timestamp.h"
#include "aws/xml_reader.h"
#include "aws_api/error_answer.h"
#include "aws_api/s3/operations.h"

namespace ticklake::aws_api::s3 {
namespace {

http::Response empty(int status) {
  http::Response response;
  response.status = status;
  return response;
}

tl::unexpected<aws::ServiceError> of_bucket(std::string code, std::string message,
                                            const std::string& bucket) {
  aws::ServiceError error{aws::ErrorKind::kInvalidArgument, std::move(message)};
  error.code = std::move(code);
  error.status = 409;
  error.members = {{"BucketName", bucket}};
  return tl::unexpected(std::move(error));
}

}  // namespace

aws::Answer<http::Response> list_buckets(const Operation& operation) {
  TICKLAKE_ASSIGN(const int max, int_parameter(operation, "max-buckets", 10'000, 1, 10'000));
  const std::string prefix = operation.target.find("prefix").value_or("");
  const std::string after = operation.target.find("continuation-token").value_or("");
  aws::XmlWriter xml("ListAllMyBucketsResult", kXmlNamespace);
  write_owner(xml);
  xml.open("Buckets");
  int listed = 0;
  std::string last;
  bool is_cut = false;
  for (const lake::Bucket& bucket : operation.store.buckets()) {
    if (!bucket.name.starts_with(prefix) || (!after.empty() && bucket.name <= after)) continue;
    is_cut = listed == max;
    if (is_cut) break;
    xml.open("Bucket")
        .element("Name", bucket.name)
        .element("CreationDate", aws::to_iso_time_ms(bucket.created))
        .close();
    last = bucket.name;
    ++listed;
  }
  xml.close();
  if (is_cut) xml.element("ContinuationToken", last);
  if (!prefix.empty()) xml.element("Prefix", prefix);
  return answer_xml(200, xml.take());
}

aws::Answer<http::Response> create_bucket(const Operation& operation, const std::string& body) {
  if (!body.empty()) TICKLAKE_TRY(aws::parse_xml(body, "CreateBucketConfiguration"));
  const std::string& name = operation.target.bucket;
  const auto created = operation.store.create_bucket(name);
  if (!created && created.error().code == base::ErrorCode::kAlreadyExists) {
    return of_bucket("BucketAlreadyOwnedByYou",
                     "Your previous request to create the named bucket succeeded and you already "
                     "own it.",
                     name);
  }
  TICKLAKE_TRY(operation.told(created));
  http::Response response = empty(200);
  response.fields.add("Location", "/" + name);
  return response;
}

aws::Answer<http::Response> head_bucket(const Operation& operation) {
  TICKLAKE_TRY(operation.check_bucket(operation.target.bucket));
  http::Response response = empty(200);
  response.fields.add("x-amz-bucket-region", kRegion);
  response.fields.add("Content-Type", "application/xml");
  return response;
}

aws::Answer<http::Response> delete_bucket(const Operation& operation) {
  const std::string& name = operation.target.bucket;
  const auto found = operation.store.find_bucket(name);
  const auto removed = operation.store.delete_bucket(name);
  const bool is_refused = !removed && removed.error().code == base::ErrorCode::kUnsupported;
  if (is_refused && !(found && found->is_lake)) {
    return of_bucket("BucketNotEmpty", "The bucket you tried to delete is not empty", name);
  }
  TICKLAKE_TRY(operation.told(removed));
  return empty(204);
}

aws::Answer<http::Response> get_bucket_location(const Operation& operation) {
  TICKLAKE_TRY(operation.check_bucket(operation.target.bucket));
  // Empty is us-east-1.
  return answer_xml(200, aws::XmlWriter("LocationConstraint", kXmlNamespace).take());
}

aws::Answer<http::Response> get_bucket_versioning(const Operation& operation) {
  TICKLAKE_TRY(operation.check_bucket(operation.target.bucket));
  return answer_xml(200, aws::XmlWriter("VersioningConfiguration", kXmlNamespace).take());
}

}  // namespace ticklake::aws_api::s3
