// PutObject, UploadPart.
//
// Every form of body (body_plan.h), at most 5 GiB; what was sent is checked against each checksum
// that came with it before the object is there, and is on disk before the answer. If-None-Match: *
// and If-Match are looked at before the body is asked for, so that nobody sends one in vain, and
// again, for good, when the object is put in place.

#include "aws_api/s3/body_intake.h"
#include "aws_api/s3/conditions.h"
#include "aws_api/s3/object_fields.h"
#include "aws_api/s3/operations.h"
#include "lake/object_writer.h"

namespace ticklake::aws_api::s3 {
namespace {

/// The bytes of a body on their way into the store.
class Upload {
 public:
  Upload(const Operation& operation, BodyPlan plan)
      : operation_(operation),
        intake_(std::move(plan), [this](base::ByteView data) { return append(data); }) {}

  BodyIntake& intake() { return intake_; }
  /// What was written, once the intake has finished. Blocks.
  aws::Answer<std::unique_ptr<lake::ObjectWriter>> take() {
    TICKLAKE_TRY(begin());
    return std::move(writer_);
  }

 private:
  aws::Answer<void> begin() {
    if (writer_) return {};
    TICKLAKE_ASSIGN(writer_, operation_.told(operation_.store.write(operation_.target.bucket)));
    return {};
  }
  aws::Answer<void> append(base::ByteView data) {
    TICKLAKE_TRY(begin());
    return operation_.told(writer_->append(data));
  }

  const Operation& operation_;
  std::unique_ptr<lake::ObjectWriter> writer_;
  BodyIntake intake_;
};

aws::Answer<void> check_now(const Operation& operation, const lake::WriteCondition& condition) {
  const Target& target = operation.target;
  TICKLAKE_TRY(operation.told(operation.store.check_write(target.bucket, target.key)));
  if (!condition.if_absent && !condition.if_match) return {};
  const auto head = operation.store.head(target.bucket, target.key);
  if (condition.if_absent && head) return tl::unexpected(precondition_failed("If-None-Match"));
  if (!condition.if_match) return {};
  TICKLAKE_TRY(operation.told(head));
  if (*condition.if_match == "*" || *condition.if_match == head->etag) return {};
  return tl::unexpected(precondition_failed("If-Match"));
}

http::Response written(const std::string& etag,
                       const std::optional<lake::ObjectChecksum>& checksum) {
  http::Response response;
  response.fields.add("ETag", quoted_tag(etag));
  if (checksum) response.fields.add(aws::header_of(checksum->algorithm), checksum->base64);
  return response;
}

}  // namespace

http::Task<aws::Answer<http::Response>> put_object(const Operation& operation) {
  TICKLAKE_CO_ASSIGN(const lake::WriteCondition condition, read_write_condition(operation));
  TICKLAKE_CO_ASSIGN(BodyPlan plan, plan_body(operation));
  TICKLAKE_CO_ASSIGN(const lake::ObjectMetadata metadata, read_metadata(operation));
  TICKLAKE_CO_TRY(check_now(operation, condition));
  const Target& target = operation.target;
  Upload upload(operation, std::move(plan));
  lake::ObjectHead head;
  const std::function<aws::Answer<void>()> then = [&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(auto writer, upload.take());
    TICKLAKE_ASSIGN(
        head, operation.told(operation.store.put(target.bucket, target.key, std::move(writer),
                                                 metadata, upload.intake().checksum(), condition)));
    return {};
  };
  TICKLAKE_CO_TRY(co_await receive(operation.exchange, upload.intake(), then));
  http::Response response = written(head.etag, head.checksum);
  if (head.checksum) response.fields.add("x-amz-checksum-type", "FULL_OBJECT");
  co_return response;
}

http::Task<aws::Answer<http::Response>> upload_part(const Operation& operation) {
  TICKLAKE_CO_ASSIGN(const int number, part_number(operation));
  TICKLAKE_CO_ASSIGN(BodyPlan plan, plan_body(operation));
  const Target& target = operation.target;
  const std::string id = target.find("uploadId").value_or("");
  TICKLAKE_CO_TRY(
      operation.told_of_upload(operation.store.find_upload(target.bucket, target.key, id)));
  Upload upload(operation, std::move(plan));
  lake::UploadedPart part;
  const std::function<aws::Answer<void>()> then = [&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(auto writer, upload.take());
    TICKLAKE_ASSIGN(part, operation.told_of_upload(operation.store.put_part(
                              target.bucket, target.key, id, number, std::move(writer),
                              upload.intake().checksum())));
    return {};
  };
  TICKLAKE_CO_TRY(co_await receive(operation.exchange, upload.intake(), then));
  co_return written(part.etag, part.checksum);
}

}  // namespace ticklake::aws_api::s3
