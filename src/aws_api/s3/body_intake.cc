#include "aws_api/s3/body_intake.h"

#include <utility>

#include "base/base64.h"

namespace ticklake::aws_api::s3 {
namespace {

using aws::ErrorKind;

constexpr size_t kPieceBytes = 1024 * 1024;

/// The connection answers by itself what went wrong with it.
aws::ServiceError unread() { return {ErrorKind::kIncompleteBody, "The request body is cut."}; }

}  // namespace

BodyIntake::BodyIntake(BodyPlan plan, Sink sink) : plan_(std::move(plan)), sink_(std::move(sink)) {
  if (aws::is_chunked(plan_.form)) {
    aws::ChunkedPayloadOptions options{plan_.form, plan_.bytes, {}, plan_.signing};
    // The decoder checks what comes behind the data.
    if (!plan_.checksum) options.trailer_checksum = plan_.checksum_algorithm;
    decoder_.emplace(std::move(options));
  }
  if (!plan_.sha256.empty()) sha256_.emplace();
  if (plan_.md5) md5_.emplace(aws::ChecksumAlgorithm::kMd5);
  if (plan_.checksum) checksum_.emplace(*plan_.checksum_algorithm);
}

aws::Answer<void> BodyIntake::take(base::ByteView wire) {
  if (!decoder_) return take_data(wire);
  while (true) {
    TICKLAKE_ASSIGN(const base::ByteView data, decoder_->next(wire));
    if (data.empty()) return {};
    TICKLAKE_TRY(take_data(data));
  }
}

aws::Answer<void> BodyIntake::take_data(base::ByteView data) {
  if (data.empty()) return {};
  bytes_ += data.size();
  if (bytes_ > plan_.bytes) {
    return aws::refuse(ErrorKind::kIncompleteBody,
                       "The request body is longer than its Content-Length.");
  }
  if (sha256_) sha256_->update(data);
  if (md5_) md5_->update(data);
  if (checksum_) checksum_->update(data);
  return sink_(data);
}

aws::Answer<void> BodyIntake::finish() {
  if (decoder_) TICKLAKE_TRY(decoder_->finish());
  if (bytes_ != plan_.bytes) {
    return aws::refuse(ErrorKind::kIncompleteBody,
                       "You did not provide the number of bytes specified by the Content-Length "
                       "HTTP header");
  }
  if (sha256_ && aws::to_hex(sha256_->finish()) != plan_.sha256) {
    return aws::refuse(ErrorKind::kContentSha256Mismatch,
                       "The provided 'x-amz-content-sha256' header does not match what was "
                       "computed.");
  }
  if (md5_ && md5_->finish() != *plan_.md5) {
    return aws::refuse(ErrorKind::kBadDigest,
                       "The Content-MD5 you specified did not match what we received.");
  }
  if (checksum_ && checksum_->finish() != *plan_.checksum) {
    return aws::refuse(ErrorKind::kBadDigest,
                       "The " + std::string(aws::name_of(*plan_.checksum_algorithm)) +
                           " you specified did not match the calculated checksum.");
  }
  const auto& value = plan_.checksum ? plan_.checksum
                      : decoder_     ? decoder_->trailer_checksum()
                                     : plan_.checksum;
  if (value && plan_.checksum_algorithm)
    kept_ = lake::ObjectChecksum{*plan_.checksum_algorithm, base::to_base64(*value), false};
  return {};
}

http::Task<aws::Answer<void>> receive(http::Exchange& exchange, BodyIntake& intake,
                                      std::function<aws::Answer<void>()> then) {
  std::string buffer;
  buffer.reserve(std::min<uint64_t>(intake.plan().bytes + 1, kPieceBytes));
  while (true) {
    const auto piece = co_await exchange.read_body();
    if (!piece) co_return tl::unexpected(unread());
    const bool is_last = piece->empty();
    buffer += base::as_text(*piece);
    if (!is_last && buffer.size() < kPieceBytes) continue;
    const auto work = [&]() -> aws::Answer<void> {
      TICKLAKE_TRY(intake.take(base::as_bytes(buffer)));
      if (!is_last) return {};
      TICKLAKE_TRY(intake.finish());
      return then();
    };
    auto done = co_await exchange.run_blocking(work);
    if (!done) co_return done;
    if (is_last) co_return done;
    buffer.clear();
  }
}

http::Task<aws::Answer<std::string>> receive_text(const Operation& operation, uint64_t bytes_max) {
  std::string text;
  TICKLAKE_CO_ASSIGN(BodyPlan plan, plan_body(operation));
  if (plan.bytes > bytes_max)
    co_return aws::refuse(ErrorKind::kEntityTooLarge, "The request's body is too large.");
  BodyIntake intake(std::move(plan), [&text](base::ByteView data) -> aws::Answer<void> {
    text += base::as_text(data);
    return {};
  });
  while (true) {
    const auto piece = co_await operation.exchange.read_body();
    if (!piece) co_return tl::unexpected(unread());
    if (piece->empty()) break;
    TICKLAKE_CO_TRY(intake.take(*piece));
  }
  TICKLAKE_CO_TRY(intake.finish());
  co_return text;
}

}  // namespace ticklake::aws_api::s3
