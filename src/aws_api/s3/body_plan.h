#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aws/chunked_payload.h"
#include "aws_api/s3/operation.h"

namespace ticklake::aws_api::s3 {

/// S3's limit of what one PUT may send.
inline constexpr uint64_t kPutBytesMax = 5ull << 30;

/// What a request's head says of its body, all of which must be found true.
struct BodyPlan {
  uint64_t bytes = 0;  ///< of the data, without any framing
  aws::PayloadForm form = aws::PayloadForm::kUnsigned;
  std::string sha256 = {};              ///< in hex; empty unless `form` is kHashed
  std::optional<base::Bytes> md5 = {};  ///< of Content-MD5
  std::optional<aws::ChecksumAlgorithm> checksum_algorithm = {};
  std::optional<base::Bytes> checksum = {};  ///< none if it comes behind the data
  std::optional<aws::ChunkSigning> signing = {};
};

/// MissingContentLength, EntityTooLarge, kInvalidDigest, kInvalidArgument.
aws::Answer<BodyPlan> plan_body(const Operation& operation);

}  // namespace ticklake::aws_api::s3
