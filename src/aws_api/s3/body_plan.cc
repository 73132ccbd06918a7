#include "aws_api/s3/body_plan.h"

#include <charconv>

namespace ticklake::aws_api::s3 {
namespace {

aws::Answer<uint64_t> announced_bytes(const Operation& operation, aws::PayloadForm form) {
  if (!aws::is_chunked(form)) {
    const auto length = operation.request().content_length();
    if (length) return *length;
    return aws::refuse_as("MissingContentLength",
                          "You must provide the Content-Length HTTP header.", 411);
  }
  const auto text = operation.field("x-amz-decoded-content-length");
  if (!text) {
    return aws::refuse_as("MissingContentLength",
                          "You must provide the x-amz-decoded-content-length HTTP header.", 411);
  }
  uint64_t bytes = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, bytes);
  if (error != std::errc() || stop != end) {
    return aws::refuse(aws::ErrorKind::kInvalidArgument,
                       "x-amz-decoded-content-length is not a number.");
  }
  return bytes;
}

/// The checksum of the head or, by its name, of the trailer; at most one of all.
aws::Answer<void> read_checksum(const Operation& operation, BodyPlan& plan) {
  for (const http::Field& field : operation.request().fields()) {
    const auto algorithm = aws::find_checksum_header(field.name);
    if (!algorithm) continue;
    auto value = aws::parse_checksum(*algorithm, field.value);
    if (*algorithm == aws::ChecksumAlgorithm::kMd5) {
      if (!value)
        return aws::refuse(aws::ErrorKind::kInvalidDigest,
                           "The Content-MD5 you specified was invalid.");
      plan.md5 = std::move(value);
      continue;
    }
    if (!value) {
      return aws::refuse_as("InvalidRequest",
                            "Value for " + std::string(field.name) + " header is invalid.");
    }
    if (plan.checksum_algorithm) {
      return aws::refuse_as("InvalidRequest",
                            "Expecting a single x-amz-checksum- header. Multiple checksum Types "
                            "are not allowed.");
    }
    plan.checksum_algorithm = algorithm;
    plan.checksum = std::move(value);
  }
  return {};
}

aws::Answer<void> read_trailer(const Operation& operation, BodyPlan& plan) {
  const auto name = operation.field("x-amz-trailer");
  if (!name || !aws::is_chunked(plan.form)) return {};
  const auto algorithm = aws::find_checksum_header(*name);
  if (!algorithm || *algorithm == aws::ChecksumAlgorithm::kMd5) {
    return aws::refuse_as("InvalidRequest",
                          "The value specified in the x-amz-trailer header is not supported");
  }
  if (plan.checksum_algorithm) {
    return aws::refuse_as("InvalidRequest", "Expecting a single x-amz-checksum- header.");
  }
  plan.checksum_algorithm = algorithm;
  return {};
}

}  // namespace

aws::Answer<BodyPlan> plan_body(const Operation& operation) {
  BodyPlan plan;
  plan.form = operation.caller.payload;
  if (plan.form == aws::PayloadForm::kHashed) plan.sha256 = operation.caller.payload_hash;
  plan.signing = operation.caller.chunk_signing;
  TICKLAKE_ASSIGN(plan.bytes, announced_bytes(operation, plan.form));
  if (plan.bytes > kPutBytesMax) {
    return aws::refuse(aws::ErrorKind::kEntityTooLarge,
                       "Your proposed upload exceeds the maximum allowed size");
  }
  TICKLAKE_TRY(read_checksum(operation, plan));
  TICKLAKE_TRY(read_trailer(operation, plan));
  return plan;
}

}  // namespace ticklake::aws_api::s3
