#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/checksum.h"
#include "aws/hash.h"
#include "aws_api/s3/body_plan.h"
#include "http/task.h"

namespace ticklake::aws_api::s3 {

/// Takes the framing off a body and checks it against its plan, without waiting for it: bytes as
/// they came in, data out. Counts for nothing until finish() has succeeded.
class BodyIntake {
 public:
  /// Where the data goes.
  using Sink = std::function<aws::Answer<void>(base::ByteView)>;
  BodyIntake(BodyPlan plan, Sink sink);

  aws::Answer<void> take(base::ByteView wire);
  /// Whether all was as it should be.
  aws::Answer<void> finish();
  /// What the client sent to be kept with the object, once finish() has succeeded.
  const std::optional<lake::ObjectChecksum>& checksum() const { return kept_; }
  const BodyPlan& plan() const { return plan_; }

 private:
  aws::Answer<void> take_data(base::ByteView data);

  BodyPlan plan_;
  Sink sink_;
  std::optional<aws::ChunkedPayloadDecoder> decoder_;
  uint64_t bytes_ = 0;
  std::optional<aws::Sha256> sha256_;
  std::optional<aws::Checksum> md5_;
  std::optional<aws::Checksum> checksum_;
  std::optional<lake::ObjectChecksum> kept_;
};

/// Reads all of the body into `intake` on threads that may block, in pieces of which one is in
/// memory at a time, and runs `then` there after the last one. A body that fits into one piece
/// costs one change of threads.
http::Task<aws::Answer<void>> receive(http::Exchange& exchange, BodyIntake& intake,
                                      std::function<aws::Answer<void>()> then);

/// The whole of a small body (XML), checked as any other.
http::Task<aws::Answer<std::string>> receive_text(const Operation& operation, uint64_t bytes_max);

}  // namespace ticklake::aws_api::s3
