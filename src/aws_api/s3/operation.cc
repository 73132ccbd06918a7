#include "aws_api/s3/operation.h"

#include <utility>

namespace ticklake::aws_api::s3 {

std::optional<std::string_view> Operation::field(std::string_view name) const {
  if (!request().has_field(name)) return std::nullopt;
  return request().field(name);
}

bool Operation::is_allowed(std::string_view action, std::string_view resource) const {
  return access.is_allowed({caller.principal, action, resource, context}).is_allowed();
}

aws::Answer<void> Operation::allow(std::string_view action, std::string_view resource) const {
  const aws::PolicyRequest question{caller.principal, action, resource, context};
  const aws::Decision decision = access.is_allowed(question);
  if (decision.is_allowed()) return {};
  return tl::unexpected(aws::access_denied(question, decision));
}

aws::Answer<void> Operation::check_bucket(const std::string& bucket) const {
  if (store.find_bucket(bucket)) return {};
  aws::ServiceError error{aws::ErrorKind::kNoSuchEntity, "The specified bucket does not exist"};
  error.code = "NoSuchBucket";
  error.members = {{"BucketName", bucket}};
  return tl::unexpected(std::move(error));
}

aws::ServiceError Operation::no_such_upload() const {
  aws::ServiceError error{aws::ErrorKind::kNoSuchEntity,
                          "The specified upload does not exist. The upload ID may be invalid, or "
                          "the upload may have been aborted or completed."};
  error.code = "NoSuchUpload";
  error.members = {{"UploadId", target.find("uploadId").value_or("")}};
  return error;
}

aws::ServiceError Operation::to_service_error(base::Error error) const {
  switch (error.code) {
    case base::ErrorCode::kNotFound: {
      auto found = check_bucket(target.bucket);
      return found ? no_such_key(target.key) : std::move(found).error();
    }
    case base::ErrorCode::kAlreadyExists: return precondition_failed("If-None-Match");
    case base::ErrorCode::kFenced: return precondition_failed("If-Match");
    case base::ErrorCode::kUnsupported:
      return {aws::ErrorKind::kAccessDenied, "Access Denied: " + base::to_line(error)};
    case base::ErrorCode::kInvalidArgument:
      return {aws::ErrorKind::kInvalidArgument, base::to_line(error)};
    case base::ErrorCode::kTimeout: {
      aws::ServiceError busy{aws::ErrorKind::kInvalidArgument, "Please reduce your request rate."};
      busy.code = kSlowDown;
      busy.status = 503;
      return busy;
    }
    case base::ErrorCode::kNoSpace: {
      aws::ServiceError full{aws::ErrorKind::kInternal, "There is no more room on the disk.",
                             base::to_line(error)};
      full.code = "InsufficientStorage";
      full.status = 507;
      return full;
    }
    default: break;
  }
  return {aws::ErrorKind::kInternal, "We encountered an internal error. Please try again.",
          base::to_line(error)};
}

std::string bucket_arn(std::string_view bucket) {
  return std::string("arn:aws:s3:::").append(bucket);
}

std::string object_arn(std::string_view bucket, std::string_view key) {
  return bucket_arn(bucket).append("/").append(key);
}

aws::ServiceError no_such_key(std::string key) {
  aws::ServiceError error{aws::ErrorKind::kNoSuchEntity, "The specified key does not exist."};
  error.members = {{"Key", std::move(key)}};
  return error;
}

aws::ServiceError precondition_failed(std::string_view condition) {
  aws::ServiceError error{aws::ErrorKind::kInvalidArgument,
                          "At least one of the pre-conditions you specified did not hold"};
  error.code = "PreconditionFailed";
  error.status = 412;
  error.members = {{"Condition", std::string(condition)}};
  return error;
}

tl::unexpected<aws::ServiceError> not_implemented(std::string_view what) {
  return aws::refuse_as("NotImplemented", std::string(what) + " is not implemented here.", 501);
}

std::string quoted_tag(std::string_view etag) {
  return std::string("\"").append(etag).append("\"");
}

std::string_view unquoted_tag(std::string_view etag) {
  if (etag.size() < 2 || !etag.starts_with('"') || !etag.ends_with('"')) return etag;
  return etag.substr(1, etag.size() - 2);
}

void write_owner(aws::XmlWriter& xml, std::string_view element) {
  xml.open(element).element("ID", aws::kAccountId).element("DisplayName", "ticklake").close();
}

}  // namespace ticklake::aws_api::s3
